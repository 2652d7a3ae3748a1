/**
 * The time of day. Injected wherever the time decides something, so that tests
 * can move it.
 *
 * @public
 */
export type Clock = () => Date;
