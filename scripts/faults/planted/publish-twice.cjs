// Planted in a gateway: every batch goes out twice.
const { Topic } = require('@google-cloud/pubsub');

const { publishMessage } = Topic.prototype;
Topic.prototype.publishMessage = async function publishTwice(...message) {
  await publishMessage.apply(this, message);
  return publishMessage.apply(this, message);
};
