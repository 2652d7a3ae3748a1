import { isObject } from '../json/pointer';
import type { EventSchema } from '../avro/types';
import { modelOf, type TypeModel } from '../avro/model';

/** Enough to judge by; more only cost time. */
const MAX_SAMPLES = 100;
const MAX_VALUES_PER_FIELD = 50;
const MAX_ITEMS_PER_LIST = 20;

/**
 * The texts that samples hold, by the path of their field. What does not fit the
 * schema is passed over.
 */
export function textsByPath(
  schema: EventSchema,
  samples: readonly unknown[],
): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  const visit = (type: TypeModel, value: unknown, path: string) => {
    switch (type.kind) {
      case 'array':
        if (Array.isArray(value)) {
          value
            .slice(0, MAX_ITEMS_PER_LIST)
            .forEach(item => visit(type.values, item, `${path}[]`));
        }
        break;
      case 'map':
        if (isObject(value)) {
          Object.values(value)
            .slice(0, MAX_ITEMS_PER_LIST)
            .forEach(item => visit(type.values, item, `${path}{}`));
        }
        break;
      case 'record':
        if (isObject(value)) {
          for (const { jsonName, type: inner } of type.fields) {
            if (Object.hasOwn(value, jsonName)) {
              visit(
                inner,
                value[jsonName],
                path === '' ? jsonName : `${path}.${jsonName}`,
              );
            }
          }
        }
        break;
      default:
        if (typeof value === 'string') {
          const known = texts.get(path);
          if (!known) {
            texts.set(path, [value]);
          } else if (known.length < MAX_VALUES_PER_FIELD) {
            known.push(value);
          }
        }
    }
  };
  for (const sample of samples.slice(0, MAX_SAMPLES)) {
    visit(modelOf(schema), sample, '');
  }
  return texts;
}
