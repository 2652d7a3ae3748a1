import { z } from 'zod';
import { parse, wholeNumber } from './parse';

const MAX_GENERATION = 2_147_483_647;

const rolloutsQuery = z.strictObject({
  before: wholeNumber({ min: 0, max: MAX_GENERATION, byDefault: 0 }),
  limit: wholeNumber({ min: 1, max: 200, byDefault: 25 }),
});

/** The query of `GET /rollouts`; without `before`, the newest ones. */
export function parseRolloutsQuery(query: unknown): {
  before?: number;
  limit: number;
} {
  const { before, limit } = parse('query', rolloutsQuery, query);
  return { before: before === 0 ? undefined : before, limit };
}
