// Planted in a worker: a partition is sealed and its ids are not kept.
const { plant } = require('./plant.cjs');

plant('sealing/commitPartition.ts', {
  commitPartition: real => (db, options) => real(db, { ...options, keys: [] }),
});
