import type { ConfigSnapshot } from '@millrace/ledger';
import { bucketOf, parseEventTypeName } from '@millrace/schema';

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
      return {
        name: parseEventTypeName(type.name),
        tier,
        version: Number(version),
        schema: type.schema,
        topic: text(type.topic, `${where}/topic`),
        subscription: text(type.subscription, `${where}/subscription`),
      };
    }),
    writeKeys: list(snapshot.writeKeys, 'writeKeys').map((each, index) => {
      const where = `writeKeys/${index}`;
      const key = record(each, where);
      const secretHash = text(key.secretHash, `${where}/secretHash`);
      if (!/^[0-9a-f]{64}$/.test(secretHash)) {
        throw invalid(`${where}/secretHash`);
      }
      const allowed = key.eventTypes ?? undefined;
      return {
        keyId: text(key.keyId, `${where}/keyId`),
        secretHash,
        eventTypes:
          allowed === undefined
            ? undefined
            : list(allowed, `${where}/eventTypes`).map(name =>
                text(name, `${where}/eventTypes`),
              ),
      };
    }),
  };
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
