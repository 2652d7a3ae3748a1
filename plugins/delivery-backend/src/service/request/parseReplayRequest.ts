import { NotFoundError } from '@backstage/errors';
import type {
  Fix,
  FixValue,
  ReplayEventState,
  ReplayPreviewRequest,
  ReplayRequest,
  ReplaySelection,
} from '@millrace/plugin-delivery-common';
import { parseEventTypeName } from '@millrace/schema';
import { z } from 'zod';
import { parsePointer } from '../../replay';
import { instant, parse, wholeNumber } from './parse';

const MAX_REFUSAL_IDS = 1000;
const MAX_OPERATIONS = 20;
const MAX_VALUE_LENGTH = 10_000;

const instantText = instant.transform(date => date.toISOString());

const filter = z.strictObject({
  reason: z.string().max(255).optional(),
  pointer: z.string().max(4096).optional(),
  writeKeyId: z.string().max(255).optional(),
  since: instantText.optional(),
  until: instantText.optional(),
});

const selection: z.ZodType<ReplaySelection> = z.union(
  [
    z.strictObject({
      refusalIds: z
        .array(z.guid('expected the id of a refused event'))
        .min(1)
        .max(MAX_REFUSAL_IDS),
    }),
    filter,
  ],
  {
    error: `expected { refusalIds }, 1 to ${MAX_REFUSAL_IDS} ids of refused events, or a filter of reason, pointer, writeKeyId, since and until`,
  },
);

/** What is said in the type attribute decides who may replay it. */
const pointer = z
  .string()
  .max(1000)
  .refine(
    text => parsePointer(text) !== undefined,
    "expected a JSON pointer such as '/data/amount'",
  )
  .refine(
    text => parsePointer(text)?.[0] !== 'type',
    "the event type is changed by the operation 'setType'",
  );

const value = z
  .json()
  .refine(
    json => JSON.stringify(json).length <= MAX_VALUE_LENGTH,
    `expected at most ${MAX_VALUE_LENGTH} characters of JSON`,
  ) as unknown as z.ZodType<FixValue>;

const operation = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('set'),
    pointer: pointer.refine(
      text => parsePointer(text)?.[0] !== 'id',
      'events must not all get the same id; one without an id gets its own',
    ),
    value,
  }),
  z.strictObject({ op: z.literal('remove'), pointer }),
  z
    .strictObject({ op: z.literal('rename'), pointer, to: pointer })
    .refine(
      ({ pointer: from, to }) => haveSameWildcards(from, to),
      "expected the same beginning in 'pointer' and 'to' up to the last '*'",
    ),
  z.strictObject({
    op: z.literal('cast'),
    pointer,
    to: z.enum(['integer', 'number', 'string', 'boolean']),
  }),
  z.strictObject({
    op: z.literal('setType'),
    eventType: z.string().refine(isEventTypeName, 'expected an event type'),
  }),
]);

const fix: z.ZodType<Fix> = z.array(operation).max(MAX_OPERATIONS);

const previewRequest: z.ZodType<ReplayPreviewRequest> = z.strictObject({
  selection,
  fix,
  samples: z.number().int().min(0).max(20).optional(),
});

/** The body of `POST /event-types/:name/replays/preview`. */
export function parseReplayPreviewRequest(body: unknown): ReplayPreviewRequest {
  return parse('preview', previewRequest, body);
}

const replayRequest: z.ZodType<ReplayRequest> = z.strictObject({
  selection,
  fix,
  reason: z
    .string('expected why the events are replayed')
    .trim()
    .min(3, 'expected why the events are replayed')
    .max(500, 'expected at most 500 characters'),
});

/** The body of `POST /event-types/:name/replays`. */
export function parseReplayRequest(body: unknown): ReplayRequest {
  return parse('replay', replayRequest, body);
}

const STATES = [
  'waiting',
  'in-flight',
  'landed',
  'refused-again',
  'not-replayable',
  'not-sent',
] as const satisfies ReplayEventState[];

const replayQuery = z.strictObject({
  state: z.enum(STATES).optional(),
  limit: wholeNumber({ min: 0, max: 1000, byDefault: 100 }),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, 'give back the nextCursor of the page before, or none')
    .transform(Number)
    .optional(),
});

/** The query of `GET /event-types/:name/replays/:replayId`. */
export function parseReplayQuery(query: unknown): {
  state?: ReplayEventState;
  limit: number;
  after?: number;
} {
  const { cursor, ...rest } = parse('query', replayQuery, query);
  return { ...rest, after: cursor };
}

/** @throws NotFoundError when no replay can have the id */
export function parseReplayId(params: { [key: string]: string }): string {
  return parseGuid(params.replayId, 'There is no replay of that id');
}

/** @throws NotFoundError when no refused event can have the id */
export function parseRefusalId(params: { [key: string]: string }): string {
  return parseGuid(params.refusalId, 'There is no refused event of that id');
}

function parseGuid(text: string, notFound: string): string {
  const result = z.guid().safeParse(text);
  if (!result.success) {
    throw new NotFoundError(notFound);
  }
  return result.data.toLowerCase();
}

function isEventTypeName(name: string): boolean {
  try {
    parseEventTypeName(name);
    return true;
  } catch {
    return false;
  }
}

function haveSameWildcards(from: string, to: string): boolean {
  const fromTokens = parsePointer(from) ?? [];
  const toTokens = parsePointer(to) ?? [];
  const shared = fromTokens.lastIndexOf('*') + 1;
  return (
    toTokens.lastIndexOf('*') + 1 === shared &&
    toTokens.length > shared &&
    fromTokens
      .slice(0, shared)
      .every((token, depth) => toTokens[depth] === token)
  );
}
