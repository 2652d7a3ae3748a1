/**
 * What a benchmark started, ended in reverse order whatever happens, and the
 * failure of any part of it: a process that dies must end the measurement, and
 * not slow it down.
 */
export function createScope() {
  const stops = [];
  let fail;
  const failed = new Promise((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {});
  return {
    /** Rejects when a part failed by itself. */
    failed,
    fail,
    /** @param {() => unknown} stop */
    onEnd: stop => stops.push(stop),
    async end() {
      for (const stop of stops.splice(0).reverse()) {
        try {
          await stop();
        } catch (error) {
          process.stderr.write(`Ending a part failed: ${error.message}\n`);
        }
      }
    },
  };
}
