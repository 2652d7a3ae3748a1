// Planted in a worker: what earlier partitions hold is not looked up.
const { plant } = require('./plant.cjs');

plant('sealing/findKnownEventKeys.ts', {
  findKnownEventKeys: () => async () => new Map(),
});
