// Planted in a worker: what is beyond the horizon is told by its own clock
// alone.
const { plant } = require('./plant.cjs');

plant('sealing/retireIdFiles.ts', {
  retireIdFiles:
    () =>
    async (db, { before }) =>
      db('id_files')
        .where('sealed_to', '<', before)
        .update({ retired_at: db.fn.now() }),
});
plant('consumer/pruneStagedBatches.ts', {
  pruneStagedBatches:
    () =>
    async (db, { before }) =>
      db('staged_batches').where('consumed_at', '<', before).delete(),
});
