// Planted in a worker: what comes once is recorded a second time under another
// number.
const { plant } = require('./plant.cjs');

plant('consumer/recordStagedBatches.ts', {
  recordStagedBatches: real => async (db, options) => {
    const result = await real(db, options);
    const again = options.batches.map(batch => ({
      ...batch,
      header: { ...batch.header, batch: batch.header.batch + 1_000_000 },
    }));
    await real(db, { ...options, batches: again });
    return result;
  },
});
