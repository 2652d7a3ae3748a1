import type {
  ConfigSnapshot,
  SnapshotDeprecation,
  SnapshotIntegrity,
} from '@millrace/ledger';
import {
  bucketOf,
  parseEventTypeName,
  REFUSED_SUBSCRIPTION,
  REFUSED_TOPIC,
} from '@millrace/schema';

/**
 * Checks that a value read from disk or from the ledger is a whole config
 * snapshot. Anything less must not replace a good one: a snapshot that lost its
 * tail would make the gateway refuse valid events for good.
 *
 * @throws Error that names the part that is wrong
 */
export function parseSnapshot(value: unknown): ConfigSnapshot {
  const snapshot = record(value, 'snapshot');
  if (
    !Number.isSafeInteger(snapshot.generation) ||
    Number(snapshot.generation) < 1
  ) {
    throw invalid('generation');
  }
  // Throws for a length that does not divide an hour.
  bucketOf(new Date(0), Number(snapshot.bucketSeconds));
  return {
    generation: Number(snapshot.generation),
    lineage: optional(snapshot.lineage, it => text(it, 'lineage')),
    integrity: optional(snapshot.integrity, parseIntegrity),
    createdAt: text(snapshot.createdAt, 'createdAt'),
    bucketSeconds: Number(snapshot.bucketSeconds),
    eventTypes: list(snapshot.eventTypes, 'eventTypes').map((each, index) => {
      const where = `eventTypes/${index}`;
      const type = record(each, where);
      const { tier, version } = type;
      if (tier !== 'critical' && tier !== 'normal' && tier !== 'low') {
        throw invalid(`${where}/tier`);
      }
      if (!Number.isSafeInteger(version) || Number(version) < 1) {
        throw invalid(`${where}/version`);
      }
      const name = parseEventTypeName(type.name);
      return {
        name,
        tier,
        version: Number(version),
        schema: type.schema,
        topic: text(type.topic, `${where}/topic`),
        subscription: text(type.subscription, `${where}/subscription`),
        // A snapshot cached by an earlier version does not name them. Those of
        // the type may not be there yet; the general ones are.
        refusedTopic: text(
          type.refusedTopic ?? REFUSED_TOPIC,
          `${where}/refusedTopic`,
        ),
        refusedSubscription: text(
          type.refusedSubscription ?? REFUSED_SUBSCRIPTION,
          `${where}/refusedSubscription`,
        ),
        deprecation: optional(type.deprecation, it =>
          parseDeprecation(it, `${where}/deprecation`),
        ),
      };
    }),
    writeKeys: list(snapshot.writeKeys, 'writeKeys').map((each, index) => {
      const where = `writeKeys/${index}`;
      const key = record(each, where);
      const secretHash = text(key.secretHash, `${where}/secretHash`);
      if (!/^[0-9a-f]{64}$/.test(secretHash)) {
        throw invalid(`${where}/secretHash`);
      }
      // Snapshots cached by an earlier version know server keys only.
      const kind = key.kind ?? 'server';
      if (kind !== 'server' && kind !== 'browser') {
        throw invalid(`${where}/kind`);
      }
      const eventTypes = optional(key.eventTypes, allowed =>
        list(allowed, `${where}/eventTypes`).map(name =>
          text(name, `${where}/eventTypes`),
        ),
      );
      // A key that anyone may read must never be one for all types.
      if (kind === 'browser' && !eventTypes) {
        throw invalid(`${where}/eventTypes`);
      }
      return {
        keyId: text(key.keyId, `${where}/keyId`),
        secretHash,
        eventTypes,
        producer: optional(key.producer, it => text(it, `${where}/producer`)),
        kind,
        eventsPerSecond: optional(key.eventsPerSecond, it =>
          positive(it, `${where}/eventsPerSecond`),
        ),
        expiresAt: optional(key.expiresAt, it =>
          instant(it, `${where}/expiresAt`),
        ),
      };
    }),
  };
}

function parseIntegrity(value: unknown): SnapshotIntegrity {
  const { contentHash, eventTypeCount, writeKeyCount } = record(
    value,
    'integrity',
  );
  return {
    contentHash: text(contentHash, 'integrity/contentHash'),
    eventTypeCount: count(eventTypeCount, 'integrity/eventTypeCount'),
    writeKeyCount: count(writeKeyCount, 'integrity/writeKeyCount'),
  };
}

function parseDeprecation(value: unknown, where: string): SnapshotDeprecation {
  const { since, endsOn, successor } = record(value, where);
  return {
    since: instant(since, `${where}/since`),
    endsOn: optional(endsOn, it => instant(it, `${where}/endsOn`)),
    successor: optional(successor, it => text(it, `${where}/successor`)),
  };
}

function count(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) {
    throw invalid(where);
  }
  return Number(value);
}

function optional<T>(
  value: unknown,
  parse: (value: unknown) => T,
): T | undefined {
  return value === undefined || value === null ? undefined : parse(value);
}

function positive(value: unknown, where: string): number {
  if (typeof value !== 'number' || !(value > 0) || value === Infinity) {
    throw invalid(where);
  }
  return value;
}

/** An unreadable expiry, say, would make a key that never expires. */
function instant(value: unknown, where: string): string {
  const time = text(value, where);
  if (Number.isNaN(Date.parse(time))) {
    throw invalid(where);
  }
  return time;
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(where);
  }
  return value as Record<string, unknown>;
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) {
    throw invalid(where);
  }
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') {
    throw invalid(where);
  }
  return value;
}

function invalid(where: string): Error {
  return new Error(`The config snapshot is not valid at '${where}'`);
}
