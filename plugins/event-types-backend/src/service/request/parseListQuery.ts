import { InputError } from '@backstage/errors';
import type { FindEventTypesRequest } from '../../search';
import { parseFindEventTypes } from './parseFindQuery';

/** What `GET /event-types` is asked for. */
export type ListQuery =
  | { isPaged: false; withSchema: boolean }
  | { isPaged: true; request: FindEventTypesRequest };

/**
 * The query of `GET /event-types`: the whole list, with or without schemas, when
 * nothing else is asked for; else a page.
 *
 * @throws InputError
 */
export function parseListQuery(query: { [key: string]: unknown }): ListQuery {
  const { schema, ...rest } = query;
  if (schema !== undefined && schema !== 'true' && schema !== 'false') {
    throw new InputError(
      "The query parameter schema must be 'true' or 'false'",
    );
  }
  if (!Object.keys(rest).length) {
    return { isPaged: false, withSchema: schema === 'true' };
  }
  if (schema === 'true') {
    throw new InputError(
      'A page holds no schemas: leave out schema, or everything else',
    );
  }
  return { isPaged: true, request: parseFindEventTypes(rest) };
}
