import type { JsonObject } from '@backstage/types';

/** A row of `contracts`, as read. */
export interface ContractsRow {
  event_type: string;
  document: JsonObject;
  api_version: string;
  imported_at: Date;
  imported_by: string;
}
