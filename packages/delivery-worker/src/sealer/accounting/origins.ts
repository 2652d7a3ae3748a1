import { DuckdbSession, listParameter } from '@millrace/lake';
import { FrozenBatch } from '@millrace/ledger';
import { CREATE_ORIGIN_RUN_SQL, insertOriginRunSql } from './accountingSql';

/** Where events came from: one life of a gateway, and a bucket it received in. */
export interface Origin {
  gateway: string;
  epoch: string;
  receiveStart: Date;
}

/** The origins of the events of a sealing, by the lines they are read from. */
export interface Origins {
  all: Origin[];
  /** Stretches of lines of one origin, in order; `origin` is an index of `all`. */
  runs: { firstLine: number; endLine: number; origin: number }[];
  /**
   * As many as a stretch has on average. So stretches reach into at most twice as
   * many blocks as there are stretches, and finding the stretches of all lines
   * takes at most three comparisons for each: whether batches are large, or
   * thousands have one event.
   */
  linesPerBlock: number;
}

/** Bounds the parameters of one statement. */
const RUNS_PER_STATEMENT = 50_000;

/**
 * Finds which lines came from where, from what the batches say of themselves.
 *
 * A batch has as many lines as its header says: the consumer has counted them,
 * and that all are still there is checked after reading. So the place of a line
 * tells its batch, and nothing about gateways has to be read with the events:
 * neither a column, nor files of their own, however many gateway epochs there
 * are.
 *
 * @param batches - in the order of their lines
 */
export function originsOf(batches: FrozenBatch[]): Origins {
  const all: Origin[] = [];
  const known = new Map<string, number>();
  const runs: Origins['runs'] = [];
  let line = 0;
  for (const { header } of batches) {
    const { gateway, epoch, bucket, events } = header;
    const key = JSON.stringify([gateway, epoch, bucket.start.getTime()]);
    let origin = known.get(key);
    if (origin === undefined) {
      origin = all.length;
      known.set(key, origin);
      all.push({ gateway, epoch, receiveStart: bucket.start });
    }
    const last = runs.at(-1);
    const firstLine = line;
    line += events;
    if (last?.origin === origin) {
      last.endLine = line;
    } else if (events > 0) {
      runs.push({ firstLine, endLine: line, origin });
    }
  }
  const linesPerBlock = Math.max(1, Math.ceil(line / Math.max(1, runs.length)));
  return { all, runs, linesPerBlock };
}

/** Makes the table `origin_run`, which lasts as long as the session. */
export async function writeOriginRuns(
  duckdb: DuckdbSession,
  { runs, linesPerBlock }: Origins,
): Promise<void> {
  await duckdb.run(CREATE_ORIGIN_RUN_SQL);
  for (let from = 0; from < runs.length; from += RUNS_PER_STATEMENT) {
    const some = runs.slice(from, from + RUNS_PER_STATEMENT);
    await duckdb.run(insertOriginRunSql(linesPerBlock), [
      listParameter(some.map(({ firstLine }) => String(firstLine))),
      listParameter(some.map(({ endLine }) => String(endLine))),
      listParameter(some.map(({ origin }) => String(origin))),
    ]);
  }
}
