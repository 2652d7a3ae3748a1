// Planted in a worker: a message is acknowledged when it comes, and taken in
// hand afterwards.
const { Subscription } = require('@google-cloud/pubsub');
const { planted } = require('./plant.cjs');

const { on } = Subscription.prototype;
Subscription.prototype.on = function onHasty(event, listener) {
  if (event !== 'message') return on.call(this, event, listener);
  planted('ack before commit');
  return on.call(this, event, message => {
    message.ack();
    listener(message);
  });
};
