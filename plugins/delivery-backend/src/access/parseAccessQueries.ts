import { InputError, NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import { instant, parse, wholeNumber } from '../service/request/parse';
import { type DatasetCursor, parseDatasetCursor } from './cursor';

/** Below the minute after which many proxies end a silent connection. */
const MAX_WAIT_SECONDS = 55;

const revision = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'expected a revision such as 1')
  .transform(Number)
  .optional();

const listQuery = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 100 }),
  cursor: z.string().max(300).optional(),
  revisions: z
    .enum(['current', 'all'], "expected 'current' or 'all'")
    .optional(),
});

/** The query of `GET /datasets/:name/partitions`. */
export function parseListQuery(query: unknown): {
  from?: Date;
  to?: Date;
  limit: number;
  after?: DatasetCursor;
  includeSuperseded: boolean;
} {
  const { cursor, revisions, ...rest } = parse('query', listQuery, query);
  return {
    ...rest,
    after: cursor === undefined ? undefined : parseDatasetCursor(cursor),
    includeSuperseded: revisions === 'all',
  };
}

const stateQuery = z.strictObject({
  wait: wholeNumber({ min: 0, max: MAX_WAIT_SECONDS, byDefault: 0 }),
  revision,
});

/** The query of `GET /datasets/:name/partitions/:bucketStart`. */
export function parseStateQuery(query: unknown): {
  waitMs: number;
  revision?: number;
} {
  const parsed = parse('query', stateQuery, query);
  if (parsed.revision !== undefined && parsed.wait > 0) {
    throw new InputError(
      'Invalid query: wait is for the current revision; leave out revision',
    );
  }
  return { waitMs: parsed.wait * 1000, revision: parsed.revision };
}

const revisionQuery = z.strictObject({ revision });

/** The query of a manifest or a file. */
export function parseRevisionQuery(query: unknown): { revision?: number } {
  return parse('query', revisionQuery, query);
}

/** @throws NotFoundError when no file of a partition can have the name */
export function parseFileName(params: { [key: string]: string }): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(params.file)) {
    throw new NotFoundError('There is no file of that name');
  }
  return params.file;
}
