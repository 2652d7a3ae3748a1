// Planted in a worker: rows that share their id are not told apart.
const { plant } = require('./plant.cjs');

plant('sealer/sealing/sealingSql.ts', {
  writePartSql:
    real =>
    (...args) =>
      real(...args).replace('coalesce(j.id_conflict, false) AS', 'false AS'),
});
