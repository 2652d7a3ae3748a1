import { InputError } from '@backstage/errors';

/** The query of `GET /event-types`. */
export function parseListQuery(query: { [key: string]: unknown }): {
  withSchema: boolean;
} {
  const { schema } = query;
  if (schema === undefined || schema === 'true' || schema === 'false') {
    return { withSchema: schema === 'true' };
  }
  throw new InputError("The query parameter schema must be 'true' or 'false'");
}
