import { ANY_PERSONAL } from '@millrace/plugin-event-types-common';

/** What stands for several semantic types at once. */
export const SEMANTIC_TYPE_GROUPS = [
  { id: ANY_PERSONAL, label: 'anything about a person' },
];
