import { RiLock2Line } from '@remixicon/react';
import type { ReactNode } from 'react';
import { EmptyState } from '../EmptyState';

/**
 * Drawn in the place of what somebody may not see: who may, and how to get
 * there. The backend has refused already; this only explains it.
 *
 * @public
 */
export function DeniedState(props: {
  title: string;
  description: ReactNode;
  action?: ReactNode;
}) {
  return <EmptyState icon={<RiLock2Line size={32} />} {...props} />;
}
