import { z } from 'zod';
import { parse, wholeNumber } from './parse';

const operationsQuery = z.strictObject({
  search: z.string().trim().max(64).optional(),
  offset: wholeNumber({ min: 0, max: 1_000_000, byDefault: 0 }),
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 50 }),
});

/** The query of `GET /operations`, about its list of event types. */
export function parseOperationsQuery(query: unknown): {
  search?: string;
  offset: number;
  limit: number;
} {
  return parse('query', operationsQuery, query);
}
