import type { SchemaKind } from '../schemaText';

/** A row of `registry_schemas`, as read. */
export interface RegistrySchemasRow {
  id: number;
  guid: string;
  event_type: string;
  version: number;
  kind: SchemaKind;
  digest: string;
  content: string;
  created_at: Date;
  created_by: string;
}

/** A row of `registry_versions`. */
export interface RegistryVersionsRow {
  event_type: string;
  version: number;
  schema_id: number;
}
