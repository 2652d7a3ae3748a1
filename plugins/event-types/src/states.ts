import type { Status } from '@millrace/plugin-data-platform-react';
import type { DeclarationState } from '@millrace/plugin-event-types-common';

/** The states of a declaration in words, as they are to be chosen from. */
export const STATES: ReadonlyArray<{
  id: DeclarationState;
  label: string;
  /** Missing where nothing is the matter. */
  status?: Status;
}> = [
  { id: 'in-force', label: 'newest in force' },
  { id: 'refused', label: 'newest refused', status: 'attention' },
  { id: 'orphaned', label: 'declaration gone', status: 'attention' },
  { id: 'deprecated', label: 'deprecated', status: 'waiting' },
  { id: 'withdrawn', label: 'being withdrawn', status: 'attention' },
  { id: 'retired', label: 'retired', status: 'off' },
];
