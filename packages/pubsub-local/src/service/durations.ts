import { type protos } from '@google-cloud/pubsub';
import { invalidArgument } from '../errors';

type Duration = protos.google.protobuf.IDuration;
type Timestamp = protos.google.protobuf.ITimestamp;

export const DAY_SECONDS = 86_400;

/** A duration or a point in time, in milliseconds. */
export function millisecondsOf(value: Duration | Timestamp): number {
  return Number(value.seconds ?? 0) * 1000 + (value.nanos ?? 0) / 1e6;
}

export function durationOf(milliseconds: number): Duration {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: Math.round((milliseconds - seconds * 1000) * 1e6) };
}

export function timestampOf(wallMs: number): {
  seconds: number;
  nanos: number;
} {
  const seconds = Math.floor(wallMs / 1000);
  return { seconds, nanos: Math.floor((wallMs - seconds * 1000) * 1e6) };
}

/**
 * @returns whole seconds
 * @throws RpcError INVALID_ARGUMENT outside the range
 */
export function parseSeconds(
  field: string,
  duration: Duration,
  range: { min: number; max: number },
): number {
  const seconds = millisecondsOf(duration) / 1000;
  if (!(seconds >= range.min && seconds <= range.max)) {
    throw invalidArgument(
      `${field} is ${range.min} to ${range.max} seconds, not ${seconds}`,
    );
  }
  return Math.floor(seconds);
}
