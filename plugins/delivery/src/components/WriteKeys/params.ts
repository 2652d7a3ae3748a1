/** What of the write keys page stands in the address bar. */
export const WRITE_KEY_PARAMS = {
  /** The key whose panel is open. */
  key: 'key',
  /** Present while the dialog to create one is open. */
  create: 'create',
  /** Only the keys that may send this event type. */
  eventType: 'eventType',
  /** `live`, `ended`, `own` or nothing for all of producers. */
  state: 'state',
} as const;
