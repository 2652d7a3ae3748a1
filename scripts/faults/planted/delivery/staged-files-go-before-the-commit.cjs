// Planted in a worker: staged files are deleted when the partition is published,
// before the ledger has it.
const fs = require('node:fs');
const { plant } = require('./plant.cjs');

const files = new Map();
plant('sealing/beginSealing.ts', {
  beginSealing: real => async (db, options) => {
    const work = await real(db, options);
    files.set(
      String(work.partitionId),
      work.stagedFiles.map(({ path }) => path),
    );
    return work;
  },
});
plant('sealing/commitPartition.ts', {
  commitPartition: real => async (db, options) => {
    for (const file of files.get(String(options.partitionId)) ?? []) {
      fs.rmSync(file, { force: true });
    }
    return real(db, options);
  },
});
