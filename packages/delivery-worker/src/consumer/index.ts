export { startConsumer, type Consumer, type ConsumerOptions } from './consumer';
