// Planted in the ledger's operations: a declaration loses what it gave up.
const { plant } = require('./plant.cjs');

plant('gateways/declareBucket.ts', {
  declareBucket: real => (db, options) =>
    real(db, {
      ...options,
      counts: options.counts.map(count => ({
        ...count,
        abandonedBatches: [],
      })),
    }),
});
