// Planted in a worker: when it starts it clears away staged files that are still
// needed, and that it sees for the first time.
const { plant } = require('./plant.cjs');

const HOUR_MS = 60 * 60_000;
let looks = 0;

plant('consumer/classifyStagedFiles.ts', {
  classifyStagedFiles: real => async (db, options) => {
    const uses = await real(db, options);
    return new Map([...uses].map(([file]) => [file, 'unknown']));
  },
});
plant('consumer/removeLeftovers.ts', {
  createLeftoverSweep: real => options =>
    real({
      ...options,
      monotonicMs: () => {
        looks += 1;
        return looks * HOUR_MS;
      },
    }),
});
