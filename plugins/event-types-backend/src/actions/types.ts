import type {
  AuditorService,
  AuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { SchemaCompiler } from '../compiling';
import type { DraftStore } from '../drafts';
import type { EventTypeRegistry } from '../registry';
import type { EventTypeFinder } from '../search';

/** What the actions need; finder and registry the authorized ones. */
export interface ActionOptions {
  auditor: AuditorService;
  auth: AuthService;
  compiler: SchemaCompiler;
  drafts: DraftStore;
  finder: EventTypeFinder;
  permissions: PermissionsService;
  registry: Pick<EventTypeRegistry, 'get'>;
}
