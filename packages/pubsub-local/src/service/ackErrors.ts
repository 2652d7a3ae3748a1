import { Metadata, status } from '@grpc/grpc-js';
import { type AckResult } from '../delivery';
import { RpcError } from '../errors';
import { type MessageCodecs } from './protos';

const INVALID = 'PERMANENT_FAILURE_INVALID_ACK_ID';
const UNORDERED = 'TRANSIENT_FAILURE_UNORDERED_ACK_ID';
const REPEAT = 'TRANSIENT_FAILURE_OTHER';

/**
 * The error of a call with ack ids of which some failed, under exactly-once
 * delivery; `undefined` when all went well. Clients read the fate of each id
 * from the `google.rpc.ErrorInfo` in its details.
 *
 * Ids that did go well are named as transient: the client asks again for those
 * and gets OK. Google leaves them out, and the official client for Node then
 * reports them as failed, although they are acknowledged.
 */
export function ackError(
  { done, invalid, unordered }: AckResult,
  codecs: MessageCodecs,
): RpcError | undefined {
  if (invalid.length + unordered.length === 0) {
    return undefined;
  }
  const message =
    'Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have expired or the acknowledgement ids were malformed.';
  const fates: [string, string[]][] = [
    [INVALID, invalid],
    [UNORDERED, unordered],
    [REPEAT, done],
  ];
  const errorInfo = codecs.errorInfo({
    reason: 'EXACTLY_ONCE_ACKID_FAILURE',
    domain: 'pubsub.googleapis.com',
    metadata: Object.fromEntries(
      fates.flatMap(([fate, ackIds]) => ackIds.map(ackId => [ackId, fate])),
    ),
  });
  const metadata = new Metadata();
  metadata.set(
    'grpc-status-details-bin',
    codecs.status({
      code: status.INVALID_ARGUMENT,
      message,
      details: [
        {
          type_url: 'type.googleapis.com/google.rpc.ErrorInfo',
          value: errorInfo,
        },
      ],
    }),
  );
  return new RpcError(status.INVALID_ARGUMENT, message, metadata);
}
