/** After which a test may let a worker die. */
export type ReviserStep =
  | 'begun'
  | 'sealed'
  | 'previewed'
  | 'placed'
  | 'prepared'
  | 'published'
  | 'committed'
  | 'swept';
