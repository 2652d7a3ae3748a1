// Planted in a worker: of a gateway whose lease has run out, by the worker's own
// clock, nothing is waited for.
const { plant } = require('./plant.cjs');

plant('sealer/closing/decideClosing.ts', {
  decideClosing: real => question =>
    real(
      {
        ...question,
        gateways: question.gateways
          .filter(({ leaseExpiresAt }) => leaseExpiresAt >= question.now)
          .concat(
            question.gateways.map(each => ({
              ...each,
              declared: true,
              missingBatches: [],
            })),
          ),
      },
      undefined,
    ),
});
