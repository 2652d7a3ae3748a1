import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { IS_UNCERTAIN_SQL, SETTLED_SQL } from './numbersSql';

/** Stretches of 1,024 numbers looked into one by one; gaps beyond are counted. */
const MAX_STRETCHES = 200;

/** @public */
export type GapState = 'pending' | 'missing' | 'declared_dropped';

/** Consecutive numbers of a producer's epoch that have not arrived. @public */
export interface ProducerGap {
  first: number;
  last: number;
  state: GapState;
}

/** @public */
export interface ProducerGaps {
  /** In the order of the numbers. */
  gaps: ProducerGap[];
  /**
   * Up to this number the list is whole. Gaps beyond are counted, not listed:
   * ask again from the number after it.
   */
  listedThrough: number;
  /** The highest number known of. */
  knownThrough: number;
}

/** @public */
export interface ListProducerGapsOptions {
  producer: string;
  epoch: string;
  /** Default: the first number. */
  from?: number;
  limit: number;
  /** Defaults to the database's clock. */
  now?: Date;
}

/** Exported so that a test can look at its plan. */
export const PRODUCER_GAPS_SQL = `
  WITH e AS (
    SELECT * FROM producer_epochs
    WHERE producer = :producer AND epoch = :epoch
  ),
  asked AS (SELECT greatest(e.counts_from, :from) AS first FROM e),
  stretch AS (
    SELECT s.chunk, bit_or(s.bits) AS bits
    FROM producer_sequences s, asked
    WHERE s.producer = :producer AND s.epoch = :epoch
      AND s.chunk >= (asked.first - 1) / 1024
    GROUP BY s.chunk ORDER BY s.chunk LIMIT ${MAX_STRETCHES + 1}
  ),
  listed AS (
    SELECT CASE WHEN count(*) > ${MAX_STRETCHES}
      THEN least(e.known_through, max(chunk) * 1024) ELSE e.known_through END
      AS through
    FROM e LEFT JOIN stretch ON true GROUP BY e.known_through
  ),
  arrived AS (
    SELECT coalesce(range_agg(int8range(n, n + 1)), '{}') AS numbers
    FROM stretch, generate_series(0, 1023) AS i,
      LATERAL (SELECT chunk * 1024 + i + 1 AS n) number
    WHERE get_bit(bits, i) = 1
  ),
  gap AS (
    SELECT CASE WHEN asked.first > listed.through THEN int8multirange()
      ELSE int8multirange(int8range(asked.first, listed.through + 1))
        - e.complete - arrived.numbers END AS numbers,
      listed.through, e.known_through,
      coalesce((
        SELECT range_agg(int8range(first_sequence, last_sequence + 1))
        FROM producer_drops
        WHERE producer = :producer AND epoch = :epoch
      ), '{}') AS said,
      CASE WHEN ${IS_UNCERTAIN_SQL} THEN int8multirange()
        ELSE int8multirange(int8range(NULL, coalesce(settled.through, 0) + 1))
        END AS settled
    FROM e, asked, listed, arrived, LATERAL (${SETTLED_SQL}) settled
  )
  SELECT lower(r)::float8 AS first, (upper(r) - 1)::float8 AS last, state,
    through::float8 AS through, known_through::float8 AS "knownThrough"
  FROM (
    SELECT gap.*, 'declared_dropped' AS state, numbers * said AS ranges FROM gap
    UNION ALL
    SELECT gap.*, 'missing', (numbers - said) * settled FROM gap
    UNION ALL
    SELECT gap.*, 'pending', numbers - said - settled FROM gap
  ) of_state LEFT JOIN LATERAL unnest(ranges) AS r ON true
  ORDER BY lower(r) NULLS LAST LIMIT :limit`;

/**
 * The gaps of one epoch of a producer, as ranges of numbers. `undefined` when
 * nothing is known of it.
 *
 * A drop says in which range the dropped events lie and how many they are; the
 * numbers of the range that have not arrived are listed as declared dropped,
 * all of them.
 *
 * @public
 */
export async function listProducerGaps(
  db: Knex,
  options: ListProducerGapsOptions,
): Promise<ProducerGaps | undefined> {
  const { producer, epoch, from = 1, limit, now } = options;
  const rows = await queryRows<{
    first: number | null;
    last: number | null;
    state: GapState;
    through: number;
    knownThrough: number;
  }>(db, PRODUCER_GAPS_SQL, {
    producer,
    epoch,
    from,
    // One more tells whether there are others. Each state gives a row without
    // a range when it has none; those come last.
    limit: limit + 1,
    now: now ?? null,
  });
  if (rows.length === 0) {
    return undefined;
  }
  const gaps: ProducerGap[] = [];
  for (const { first, last, state } of rows) {
    if (first !== null && last !== null) {
      gaps.push({ first, last, state });
    }
  }
  const [{ through, knownThrough }] = rows;
  return gaps.length > limit
    ? {
        gaps: gaps.slice(0, limit),
        listedThrough: gaps[limit].first - 1,
        knownThrough,
      }
    : { gaps, listedThrough: through, knownThrough };
}
