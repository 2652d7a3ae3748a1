// Planted in the rule of closing: a measure of the backlog counts as taken now.
const { plant } = require('./plant.cjs');

plant('sealer/closing/decideClosing.ts', {
  decideClosing: real => (question, backlog) =>
    real(question, backlog && { ...backlog, measuredAt: question.now }),
});
