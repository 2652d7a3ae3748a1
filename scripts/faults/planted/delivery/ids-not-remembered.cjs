// Planted in a worker: a partition is sealed and its ids are not kept.
const { plant } = require('./plant.cjs');

plant('sealing/commitPartition.ts', {
  commitPartition: real => async (db, options) => {
    await real(db, options);
    await db('id_files')
      .where('path', options.ids?.path ?? '')
      .delete();
  },
});
