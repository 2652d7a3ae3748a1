import { modelOf, TypeModel } from '../avro/model';
import { EventSchema } from '../avro/types';
import { samplesOf, takesSample } from './samples';
import type { SchemaDifference } from './types';

/**
 * The data of an event that shows why a difference breaks: it fits the schema
 * it is written with and does not read with the other one. Besides what shows
 * the difference it holds only what it must.
 *
 * @param written - the schema the event is written with: the earlier one for a
 * break backward, the later one for a break forward
 * @param read - the schema it is read with
 * @param difference - one that breaks in that direction
 * @public
 */
export function witnessOf(
  written: EventSchema,
  read: EventSchema,
  difference: SchemaDifference,
): unknown {
  const tokens = difference.pointer.split('/').slice(2).map(unescapeToken);
  return build(modelOf(written), modelOf(read), tokens, difference);
}

function build(
  written: TypeModel,
  read: TypeModel | undefined,
  tokens: readonly string[],
  difference: SchemaDifference,
): unknown {
  const [token, ...rest] = tokens;
  if (token === undefined) {
    return leaf(written, read, difference);
  }
  if (written.kind === 'array' || written.kind === 'map') {
    const values = read?.kind === written.kind ? read.values : undefined;
    const value = build(written.values, values, rest, difference);
    return written.kind === 'array' ? [value] : { key: value };
  }
  const [sample] = samplesOf(written);
  const field =
    written.kind === 'record'
      ? written.fields.find(({ jsonName }) => jsonName === token)
      : undefined;
  if (!field) {
    // The field is what is missing from the events.
    return sample;
  }
  if (rest.length === 0 && isAboutPresence(difference)) {
    const { [token]: _, ...others } = Object(sample);
    return others;
  }
  const counterpart =
    read?.kind === 'record'
      ? read.fields.find(({ jsonName }) => jsonName === token)?.type
      : undefined;
  return {
    ...Object(sample),
    [token]: build(field.type, counterpart, rest, difference),
  };
}

function leaf(
  written: TypeModel,
  read: TypeModel | undefined,
  difference: SchemaDifference,
): unknown {
  if (isAboutPresence(difference)) {
    return null;
  }
  const samples = samplesOf(written);
  return (
    (read && samples.find(sample => !takesSample(read, sample))) ?? samples[0]
  );
}

function isAboutPresence({ code }: SchemaDifference): boolean {
  return code === 'became_required' || code === 'became_optional';
}

/** RFC 6901, section 4. */
function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
