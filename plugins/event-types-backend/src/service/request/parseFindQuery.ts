import { InputError } from '@backstage/errors';
import {
  DECLARATION_STATES,
  EVENT_TYPE_SORTS,
  type EventTypeSort,
  FIELD_SORTS,
  type FieldSort,
  TIERS,
} from '@millrace/plugin-event-types-common';
import { z } from 'zod';
import {
  DEFAULT_LIMIT,
  EVENT_TYPE_ORDERS,
  FIELD_ORDERS,
  type FindEventTypesRequest,
  type FindFieldsRequest,
  MAX_LIMIT,
  type PagePosition,
  isKeyOf,
  readCursor,
} from '../../search';

const MAX_TEXT_LENGTH = 200;
const MAX_PATH_LENGTH = 4096;
/** Of one property; more than a person chooses, and a program can page. */
const MAX_VALUES = 20;

/** A parameter that may be given several times. */
function several<T extends z.ZodType>(value: T) {
  return z
    .preprocess(
      given => (given === undefined || Array.isArray(given) ? given : [given]),
      z.array(value).max(MAX_VALUES),
    )
    .optional();
}

const text = z
  .string()
  .max(MAX_TEXT_LENGTH)
  // Postgres cannot take this one character.
  .refine(given => !given.includes('\0'), 'It must not contain NUL');

const flag = z
  .enum(['true', 'false'])
  .transform(given => given === 'true')
  .optional();

const pageParameters = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .refine(limit => limit >= 1 && limit <= MAX_LIMIT)
    .optional(),
  cursor: z.string().max(16_384).optional(),
  q: text.optional(),
  owner: several(text),
  semanticType: several(text),
  mine: flag,
};

const eventTypesQuerySchema = z.strictObject({
  ...pageParameters,
  tier: several(z.enum(TIERS)),
  state: several(z.enum(DECLARATION_STATES)),
  sort: z.string().optional(),
  fields: flag,
});

const fieldsQuerySchema = z.strictObject({
  ...pageParameters,
  eventType: several(text),
  path: several(z.string().max(MAX_PATH_LENGTH)),
  sort: z.string().optional(),
});

function parseQuery<T extends z.ZodType>(
  schema: T,
  query: { [key: string]: unknown },
): z.infer<T> {
  const parsed = schema.safeParse(query);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(
      `The query parameter ${
        issue.code === 'unrecognized_keys'
          ? `${issue.keys[0]} is not known`
          : `${issue.path.map(String).join('.')} is wrong: ${issue.message}`
      }`,
    );
  }
  return parsed.data;
}

function parsePage<TSort extends string>(
  query: { limit?: number; cursor?: string; sort?: string },
  sorts: readonly TSort[],
  isKey: (sort: TSort, key: readonly string[]) => boolean,
): PagePosition<TSort> {
  const { limit = DEFAULT_LIMIT, cursor, sort: wanted = sorts[0] } = query;
  const isDescending = wanted.startsWith('-');
  const sort = sorts.find(each => each === wanted.slice(isDescending ? 1 : 0));
  if (sort === undefined) {
    throw new InputError(
      `The query parameter sort must be one of ${sorts.join(
        ', ',
      )}, with - in front for descending`,
    );
  }
  return {
    limit,
    sort,
    isDescending,
    ...(cursor === undefined
      ? { isBackwards: false }
      : readCursor(cursor, { sort, isDescending }, isKey)),
  };
}

/**
 * The query of a page of `GET /event-types`.
 *
 * @throws InputError
 */
export function parseFindEventTypes(query: {
  [key: string]: unknown;
}): FindEventTypesRequest {
  const parsed = parseQuery(eventTypesQuerySchema, query);
  return {
    criteria: {
      text: parsed.q,
      owners: parsed.owner,
      tiers: parsed.tier,
      states: parsed.state,
      semanticTypes: parsed.semanticType,
      isMine: parsed.mine,
    },
    page: parsePage<EventTypeSort>(parsed, EVENT_TYPE_SORTS, (sort, key) =>
      isKeyOf(EVENT_TYPE_ORDERS[sort], key),
    ),
    withFields: parsed.fields,
  };
}

/**
 * The query of `GET /fields`.
 *
 * @throws InputError
 */
export function parseFindFields(query: {
  [key: string]: unknown;
}): FindFieldsRequest {
  const parsed = parseQuery(fieldsQuerySchema, query);
  return {
    criteria: {
      text: parsed.q,
      eventTypes: parsed.eventType,
      paths: parsed.path,
      owners: parsed.owner,
      semanticTypes: parsed.semanticType,
      isMine: parsed.mine,
    },
    page: parsePage<FieldSort>(parsed, FIELD_SORTS, (sort, key) =>
      isKeyOf(FIELD_ORDERS[sort], key),
    ),
  };
}
