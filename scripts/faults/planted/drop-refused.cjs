// Planted in a gateway: refused events are said to be kept, and are not.
const { Topic } = require('@google-cloud/pubsub');

const { publishMessage } = Topic.prototype;
Topic.prototype.publishMessage = async function publishSome(...message) {
  if (this.name.split('/').at(-1).startsWith('refused')) return 'dropped';
  return publishMessage.apply(this, message);
};
