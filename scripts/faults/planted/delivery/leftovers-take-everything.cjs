// Planted in a worker: staged files that are still needed are cleared away when
// it starts.
const { plant } = require('./plant.cjs');

plant('consumer/classifyStagedFiles.ts', {
  classifyStagedFiles: real => async (db, options) => {
    const uses = await real(db, options);
    return new Map([...uses].map(([file]) => [file, 'consumed']));
  },
});
