import type { RefusedEventFilter } from '@millrace/ledger';
import { z } from 'zod';
import { parseRefusedCursor, type RefusedCursor } from '../../refused';
import { flag, instant, parse, wholeNumber } from './parse';

const partitionsQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 100 }),
  before: instant.optional(),
  includeEmpty: flag(true),
});

/** The query of `GET /event-types/:name/partitions`. */
export function parsePartitionsQuery(query: unknown): {
  limit: number;
  before?: Date;
  includeEmpty: boolean;
} {
  return parse('query', partitionsQuery, query);
}

/** Of a bucket; without one, that which readers see. */
const revision = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'expected the number of a revision, from 1 on')
  .transform(Number)
  .optional();

const partitionQuery = z.strictObject({ revision });

/** The query of `GET …/partitions/:bucketStart`. */
export function parsePartitionQuery(query: unknown): { revision?: number } {
  return parse('query', partitionQuery, query);
}

const rowsQuery = z.strictObject({
  revision,
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 50 }),
  offset: wholeNumber({ min: 0, max: 1e12, byDefault: 0 }),
});

/** The query of `GET …/partitions/:bucketStart/rows`. */
export function parseRowsQuery(query: unknown): {
  revision?: number;
  limit: number;
  offset: number;
} {
  return parse('query', rowsQuery, query);
}

const refusedQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 50 }),
  cursor: z.string().max(300).optional(),
  unknownOnly: flag(false),
  reason: z.string().max(255).optional(),
  pointer: z.string().max(4096).optional(),
  eventId: z.string().max(1024).optional(),
  writeKeyId: z.string().max(255).optional(),
  since: instant.optional(),
  until: instant.optional(),
  replayState: z
    .enum(['none', 'replaying', 'replayed', 'refused-again'])
    .optional(),
});

/** The query of the lists of refused events. */
export function parseRefusedQuery(query: unknown): RefusedEventFilter & {
  limit: number;
  cursor?: RefusedCursor;
  unknownOnly: boolean;
} {
  const { cursor, ...rest } = parse('query', refusedQuery, query);
  return {
    ...rest,
    cursor: cursor === undefined ? undefined : parseRefusedCursor(cursor),
  };
}

const refusedGroupsQuery = z.strictObject({ since: instant.optional() });

/** The query of `GET /event-types/:name/refused/groups`. */
export function parseRefusedGroupsQuery(query: unknown): { since?: Date } {
  return parse('query', refusedGroupsQuery, query);
}
