import type { JsonArray, JsonObject, JsonValue } from '@backstage/types';

export function isJsonObject(
  value: JsonValue | undefined,
): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list, with their places; empty for anything else. */
export function objectsIn(
  value: JsonValue | undefined,
): Array<{ index: number; object: JsonObject }> {
  return listIn(value).flatMap((object, index) =>
    isJsonObject(object) ? [{ index, object }] : [],
  );
}

export function listIn(value: JsonValue | undefined): JsonArray {
  return Array.isArray(value) ? value : [];
}

export function textIn(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value of a custom property. */
export function customProperty(
  owner: JsonObject,
  property: string,
): JsonValue | undefined {
  return objectsIn(owner.customProperties).find(
    ({ object }) => object.property === property,
  )?.object.value;
}
