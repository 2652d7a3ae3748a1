// Planted in the ledger's operations: a lease is given to whoever asks.
const { plant } = require('./plant.cjs');

plant('leases/claimLease.ts', {
  claimLease: real => async (db, options) => {
    await db('leases')
      .where({ resource: options.resource })
      .update({ holder: options.holder });
    return real(db, options);
  },
});
