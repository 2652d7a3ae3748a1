// Planted in a worker: the events of two sources with one id are taken for
// one.
const { plant } = require('./plant.cjs');

plant('sealer/sealing/sealingSql.ts', {
  loadStagedSql:
    real =>
    (...args) =>
      real(...args).replace("coalesce(source, '')", "''"),
});
