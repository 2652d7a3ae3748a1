import { parseEventTypeName } from '@millrace/schema';
import { UsageError } from '../errors';

/**
 * Whether, where and of which event types a worker writes sealed partitions as
 * Avro too, from `MILLRACE_AVRO_ROOT` (a folder or `gs://bucket/prefix`) and
 * `MILLRACE_AVRO_EVENT_TYPES` (names with commas between; without it, all).
 */
export function readAvro(
  env: NodeJS.ProcessEnv,
): { root: string; eventTypes?: string[] } | undefined {
  const root = env.MILLRACE_AVRO_ROOT;
  if (!root) {
    return undefined;
  }
  if (root === env.MILLRACE_LAKE_ROOT) {
    throw new UsageError(
      'invalid_environment',
      'MILLRACE_AVRO_ROOT is the lake itself.',
      'Set it to a place of its own: the auditor takes what it does not know in the lake for damage.',
    );
  }
  const names = env.MILLRACE_AVRO_EVENT_TYPES?.split(',')
    .map(name => name.trim())
    .filter(Boolean);
  return { root, eventTypes: names?.length ? names.map(checked) : undefined };
}

function checked(name: string): string {
  try {
    return parseEventTypeName(name);
  } catch {
    throw new UsageError(
      'invalid_environment',
      `MILLRACE_AVRO_EVENT_TYPES names '${name}', which is no event type.`,
      "Name event types such as 'shop.order_placed', with commas between.",
    );
  }
}
