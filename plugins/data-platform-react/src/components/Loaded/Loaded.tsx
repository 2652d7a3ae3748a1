import { Skeleton } from '@backstage/ui';
import type { ReactNode } from 'react';
import type { PollingState } from '../../hooks';
import { DeniedState } from '../DeniedState';
import { ProblemPanel, isDenied } from '../ProblemPanel';

/**
 * What is loaded and looked at again: its outline, then itself, or why not. What
 * was known stays when it cannot be refreshed, and it is said that it is old.
 *
 * @public
 */
export function Loaded<T>(props: {
  /** In the sentences: `declaration`. */
  what: string;
  state: PollingState<T>;
  /** Who may see it and whom to ask, for those who may not. */
  deniedHint: string;
  /** Of the outline, in pixels: about what is going to be there. */
  height?: number;
  children: (value: T) => ReactNode;
}) {
  const { what, deniedHint, height = 320, children } = props;
  const { value, error, isLoading, reload } = props.state;
  if (isLoading) {
    return <Skeleton width="100%" height={height} />;
  }
  if (error && !value && isDenied(error)) {
    return (
      <DeniedState
        title={`You may not see the ${what}`}
        description={deniedHint}
      />
    );
  }
  return (
    <>
      {error && (
        <ProblemPanel
          what={
            value
              ? `The ${what} could not be refreshed; this is what was known.`
              : `The ${what} could not be loaded.`
          }
          error={error}
          onRetry={reload}
        />
      )}
      {value && children(value)}
    </>
  );
}
