/**
 * How something is. The words beside it say what exactly; these are the only
 * states that have a colour and a shape:
 *
 * - `good`: as it should be
 * - `attention`: works, and somebody should look
 * - `bad`: does not work, or a promise is broken
 * - `waiting`: on its way; nobody has to do anything
 * - `off`: over, empty or not in use; nothing is expected of it
 * - `unknown`: it cannot be told, because what would tell does not answer
 *
 * @public
 */
export type Status =
  | 'good'
  | 'attention'
  | 'bad'
  | 'waiting'
  | 'off'
  | 'unknown';

/**
 * Every {@link Status}, what needs a look first: the order of lists.
 *
 * @public
 */
export const STATUSES: readonly Status[] = [
  'bad',
  'unknown',
  'attention',
  'waiting',
  'good',
  'off',
];

/**
 * The shape of each state in a square of 16: told apart by their outline alone,
 * without colour and without what is drawn inside.
 *
 * @public
 */
export const STATUS_SHAPES: Record<
  Status,
  { name: string; outline: string; inside?: string }
> = {
  good: {
    name: 'disc with a tick',
    outline: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Z',
    inside: 'M4.6 8.3 7 10.7l4.4-5',
  },
  attention: {
    name: 'triangle with a mark',
    outline: 'M8 1 15.5 14.5H.5Z',
    inside: 'M8 5.8v4M8 12v.4',
  },
  bad: {
    name: 'diamond with a cross',
    outline: 'M8 .2 15.8 8 8 15.8.2 8Z',
    inside: 'M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8',
  },
  waiting: {
    name: 'hourglass',
    outline: 'M2.5 1h11L9 8l4.5 7h-11L7 8Z',
  },
  off: {
    name: 'bar',
    outline: 'M1.5 6.2h13v3.6h-13Z',
  },
  unknown: {
    name: 'square with a question mark',
    outline: 'M1.5 1.5h13v13h-13Z',
    inside: 'M5.8 6.2a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.5M8 12v.4',
  },
};
