import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long others may have to wait for their turn. */
const SLICE_MS = 8;

/**
 * Cuts long work into slices, so that requests are served in between. Call it
 * after each piece; it waits for a turn of the event loop once enough time has
 * gone by since the last one.
 *
 * @param sliceMs - 0 waits after every piece
 */
export function createPacer(sliceMs: number = SLICE_MS): () => Promise<void> {
  let beganAt = performance.now();
  return async () => {
    if (performance.now() - beganAt >= sliceMs) {
      await nextTurn();
      beganAt = performance.now();
    }
  };
}
