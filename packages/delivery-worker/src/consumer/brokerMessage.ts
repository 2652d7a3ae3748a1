import { HeldMessage } from './flushLoop';

/** The part of the official client's `Message` that the consumer uses. @internal */
export interface BrokerMessage extends HeldMessage {
  attributes: Record<string, string>;
  publishTime: Date;
}
