// Planted in a worker: of an event that came by two gateways, the books take the
// copy of the one for that of the other. Every sum is right.
const { plant } = require('./plant.cjs');

plant('sealer/accounting/readFates.ts', {
  readFates: real => async options => {
    const fates = await real(options);
    const one = fates.find(each => each.duplicates > 0);
    const other = fates.find(each => each !== one && each.delivered > 0);
    if (one && other) {
      one.delivered += 1;
      one.duplicates -= 1;
      other.delivered -= 1;
      other.duplicates += 1;
    }
    return fates;
  },
});
