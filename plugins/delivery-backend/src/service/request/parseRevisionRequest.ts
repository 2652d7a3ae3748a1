import { NotFoundError } from '@backstage/errors';
import type {
  RevisionApproval,
  RevisionKind,
} from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import { z } from 'zod';
import { instant, parse, wholeNumber } from './parse';

const MAX_BUCKETS = 168;

const bucketStart = instant.refine(
  start => bucketOf(start, 1).start.getTime() === start.getTime(),
  'buckets start on a whole second',
);

const revisionRequest = z.strictObject({
  kind: z.enum(
    ['redeliver', 'reshuffle', 'reseal'],
    "expected 'redeliver', 'reshuffle' or 'reseal'",
  ),
  buckets: z
    .array(bucketStart)
    .min(1, 'expected the start of at least one bucket')
    .max(MAX_BUCKETS, `expected at most ${MAX_BUCKETS} buckets`),
});

/** The body of `POST /event-types/:name/revisions`; each bucket once, in order. */
export function parseRevisionRequest(body: unknown): {
  kind: RevisionKind;
  buckets: Date[];
} {
  const { kind, buckets } = parse('body', revisionRequest, body);
  const starts = new Set(buckets.map(start => start.getTime()));
  return {
    kind,
    buckets: [...starts].sort((a, b) => a - b).map(ms => new Date(ms)),
  };
}

const revisionApproval = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(10, 'expected at least 10 characters that say why')
    .max(1000, 'expected at most 1,000 characters'),
});

/** The body of `POST …/revisions/:operationId/approve`. */
export function parseRevisionApproval(body: unknown): RevisionApproval {
  return parse('body', revisionApproval, body);
}

/** @throws NotFoundError when no operation can have the id */
export function parseOperationId(params: { [key: string]: string }): string {
  const result = z.guid().safeParse(params.operationId);
  if (!result.success) {
    throw new NotFoundError('There is no operation of that id');
  }
  return result.data;
}

const revisionsQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 200, byDefault: 50 }),
  before: z.string().max(300).optional(),
});

/** The query of `GET /event-types/:name/revisions`. */
export function parseRevisionsQuery(query: unknown): {
  limit: number;
  before?: string;
} {
  return parse('query', revisionsQuery, query);
}
