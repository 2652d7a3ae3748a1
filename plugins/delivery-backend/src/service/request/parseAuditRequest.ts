import { NotFoundError } from '@backstage/errors';
import {
  auditFindingCodes,
  type AuditAcknowledgement,
  type AuditFindingCode,
  type AuditFindingState,
} from '@millrace/plugin-delivery-common';
import { z } from 'zod';
import { type FindingCursor, parseFindingCursor } from '../../audit';
import { instant, parse, wholeNumber } from './parse';

/** @throws NotFoundError when no finding can have the id */
export function parseFindingId(params: { [key: string]: string }): string {
  const result = z.guid().safeParse(params.findingId);
  if (!result.success) {
    throw new NotFoundError('There is no finding of that id');
  }
  return result.data;
}

const findingsQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 50 }),
  cursor: z.string().max(300).optional(),
  /** Default: what is not resolved. */
  state: z.enum(['open', 'acknowledged', 'resolved', 'all']).optional(),
  eventType: z.string().max(64).optional(),
  code: z.enum(auditFindingCodes).optional(),
  bucketStart: instant.optional(),
});

/** The query of `GET /audit/findings`. */
export function parseFindingsQuery(query: unknown): {
  limit: number;
  cursor?: FindingCursor;
  states?: AuditFindingState[];
  eventType?: string;
  code?: AuditFindingCode;
  bucketStart?: Date;
} {
  const { cursor, state, ...rest } = parse('query', findingsQuery, query);
  return {
    ...rest,
    states: statesOf(state),
    cursor: cursor === undefined ? undefined : parseFindingCursor(cursor),
  };
}

function statesOf(
  state: AuditFindingState | 'all' | undefined,
): AuditFindingState[] | undefined {
  if (state === undefined) {
    return ['open', 'acknowledged'];
  }
  return state === 'all' ? undefined : [state];
}

const acknowledgement = z.strictObject({
  why: z
    .string()
    .trim()
    .min(3, 'expected a reason, for whoever comes next')
    .max(1000),
});

/** The body of `POST /audit/findings/:findingId/acknowledge`. */
export function parseAcknowledgement(body: unknown): AuditAcknowledgement {
  return parse('body', acknowledgement, body);
}

const auditsQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 100 }),
  before: instant.optional(),
  bucketStart: instant.optional(),
});

/** The query of `GET /event-types/:name/audits`. */
export function parseAuditsQuery(query: unknown): {
  limit: number;
  before?: Date;
  bucketStart?: Date;
} {
  return parse('query', auditsQuery, query);
}
