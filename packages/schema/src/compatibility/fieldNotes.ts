import { FieldModel, modelOf, RecordModel, TypeModel } from '../avro/model';
import { AvroField, AvroRecord, AvroType, EventSchema } from '../avro/types';

/**
 * The Avro field behind each field of a model: what the model leaves out (names,
 * defaults, annotations) is only there.
 */
export type FieldNotes = ReadonlyMap<FieldModel, AvroField>;

const known = new WeakMap<EventSchema, FieldNotes>();

/** Pairs a schema with its model, each definition once. */
export function fieldNotesOf(schema: EventSchema): FieldNotes {
  let notes = known.get(schema);
  if (!notes) {
    const paired = new Map<FieldModel, AvroField>();
    pairRecord(schema.avro, modelOf(schema), paired);
    notes = paired;
    known.set(schema, notes);
  }
  return notes;
}

function pairRecord(
  avro: AvroRecord,
  model: RecordModel,
  notes: Map<FieldModel, AvroField>,
): void {
  avro.fields.forEach((field, index) => {
    const fieldModel = model.fields[index];
    notes.set(fieldModel, field);
    pairType(field.type, fieldModel.type, notes);
  });
}

function pairType(
  avro: AvroType,
  model: TypeModel,
  notes: Map<FieldModel, AvroField>,
): void {
  // A name refers to a definition that was paired where it stands.
  if (typeof avro === 'string') {
    return;
  }
  if (Array.isArray(avro)) {
    pairType(avro[1], model, notes);
  } else if (avro.type === 'record' && model.kind === 'record') {
    pairRecord(avro, model, notes);
  } else if (avro.type === 'array' && model.kind === 'array') {
    pairType(avro.items, model.values, notes);
  } else if (avro.type === 'map' && model.kind === 'map') {
    pairType(avro.values, model.values, notes);
  }
}
