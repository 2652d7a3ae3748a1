// Planted in a worker: what is beyond the horizon is told by its own clock
// alone.
const { plant } = require('./plant.cjs');

plant('sealing/pruneEventIds.ts', {
  pruneEventIds:
    () =>
    async (db, { before }) =>
      db('event_ids').where('sealed_at', '<', before).delete(),
});
plant('consumer/pruneStagedBatches.ts', {
  pruneStagedBatches:
    () =>
    async (db, { before }) =>
      db('staged_batches').where('consumed_at', '<', before).delete(),
});
