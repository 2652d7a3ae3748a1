// Planted in a worker: two copies are the same event only when they came at
// the same instant.
const { plant } = require('./plant.cjs');

plant('sealer/sealing/sealingSql.ts', {
  loadStagedSql:
    real =>
    (...args) =>
      real(...args).replace(
        "coalesce(id, '')",
        "coalesce(id, '') || coalesce(received_at::VARCHAR, '')",
      ),
});
