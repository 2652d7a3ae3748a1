// Planted in the gateway: what the ledger did not take is not offered again.
const { plant } = require('./plant.cjs');

plant('lifecycle/declarer.ts', {
  Declarer: Real =>
    class Forgetful extends Real {
      async run() {
        try {
          await super.run();
        } finally {
          this.pending = [];
        }
      }
    },
});
