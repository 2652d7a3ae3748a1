import { type EventSchema, summarizeFields } from '@millrace/schema';

/** What a value of each type takes as JSON, as far as one can guess. */
const GUESSED_BYTES: { [type: string]: number } = {
  boolean: 5,
  int: 6,
  long: 10,
  float: 10,
  double: 10,
  string: 20,
  enum: 10,
  timestamp: 26,
  date: 12,
  uuid: 38,
  json: 100,
  record: 2,
};
const GUESSED_ITEMS = 3;
/** Quotes, colon and comma around a key and its value. */
const PUNCTUATION_BYTES = 4;
const MAX_MEASURED = 100;

/** How large the data of an event is as JSON, before compression. */
export function estimateBytes(
  schema: EventSchema,
  samples: readonly unknown[] | undefined,
): { bytesPerEvent: number; basis: 'samples' | 'schema' } {
  const measured = measure(samples ?? []);
  if (measured !== undefined) {
    return { bytesPerEvent: measured, basis: 'samples' };
  }
  const bytes = summarizeFields(schema).reduce((sum, { path, type }) => {
    const key = path.slice(path.lastIndexOf('.') + 1);
    return sum + key.length + PUNCTUATION_BYTES + bytesOf(type);
  }, 2);
  return { bytesPerEvent: bytes, basis: 'schema' };
}

/** @returns undefined without samples, or with one too deep to be written */
function measure(samples: readonly unknown[]): number | undefined {
  const measured = samples.slice(0, MAX_MEASURED);
  try {
    const bytes = measured.reduce<number>(
      (sum, sample) => sum + Buffer.byteLength(JSON.stringify(sample) ?? ''),
      0,
    );
    return measured.length > 0 ? Math.ceil(bytes / measured.length) : undefined;
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}

function bytesOf(type: string): number {
  const inner = /^(?:array|map)<(.*)>$/.exec(type);
  return inner
    ? GUESSED_ITEMS * bytesOf(inner[1]) + 2
    : GUESSED_BYTES[type] ?? GUESSED_BYTES.string;
}
