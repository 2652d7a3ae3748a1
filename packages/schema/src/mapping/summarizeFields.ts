import { modelOf, TypeModel } from '../avro/model';
import { EventSchema } from '../avro/types';

/**
 * One field as people read it.
 *
 * @public
 */
export interface FieldSummary {
  /** JSON names joined by dots; `[]` for list items, `{}` for map values. */
  path: string;
  /** For example `string`, `array<long>`, `map<record>`. */
  type: string;
  required: boolean;
  doc?: string;
  semanticType?: string;
}

/**
 * Lists the fields of a schema, a record before the fields inside it.
 *
 * @public
 */
export function summarizeFields(schema: EventSchema): FieldSummary[] {
  const summaries: FieldSummary[] = [];
  const visit = (type: TypeModel, path: string) => {
    switch (type.kind) {
      case 'array':
        visit(type.values, `${path}[]`);
        break;
      case 'map':
        visit(type.values, `${path}{}`);
        break;
      case 'record':
        for (const field of type.fields) {
          const fieldPath = path ? `${path}.${field.jsonName}` : field.jsonName;
          summaries.push({
            path: fieldPath,
            type: typeText(field.type),
            required: field.required,
            ...(field.doc !== undefined && { doc: field.doc }),
            ...(field.semanticType !== undefined && {
              semanticType: field.semanticType,
            }),
          });
          visit(field.type, fieldPath);
        }
        break;
      default:
    }
  };
  visit(modelOf(schema), '');
  return summaries;
}

/** A type as people read it: `string`, `array<long>`. */
export function typeText(type: TypeModel): string {
  return type.kind === 'array' || type.kind === 'map'
    ? `${type.kind}<${typeText(type.values)}>`
    : type.kind;
}
