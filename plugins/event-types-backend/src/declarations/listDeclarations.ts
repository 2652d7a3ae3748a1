import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  ANNOTATION_ORIGIN,
  KIND_EVENT_TYPE,
  ORIGIN_PORTAL,
} from '@millrace/plugin-event-types-common';

/** A declaration in the catalog, without its content. */
export interface DeclarationHead {
  entityRef: string;
  name: string;
  /** Changes whenever the entity does. */
  etag?: string;
}

/** Set by the catalog on what nothing refers to any more. */
const ANNOTATION_ORPHAN = 'backstage.io/orphan';

const CONTENT_PAGE_SIZE = 100;

/**
 * Every entity of kind EventType that somebody declares, leaving out those
 * which the portal itself put into the catalog, and those which the catalog
 * keeps although no file declares them any more. Schemas are large and rarely
 * change, so this reads heads only.
 */
export async function listDeclarationHeads(options: {
  catalog: CatalogService;
  credentials: BackstageCredentials;
}): Promise<DeclarationHead[]> {
  const { catalog, credentials } = options;
  const heads: DeclarationHead[] = [];
  const pages = catalog.streamEntities(
    {
      filter: { kind: KIND_EVENT_TYPE },
      fields: [
        'kind',
        'metadata.name',
        'metadata.namespace',
        'metadata.etag',
        'metadata.annotations',
      ],
    },
    { credentials },
  );
  for await (const entities of pages) {
    for (const entity of entities) {
      const annotations = entity.metadata.annotations ?? {};
      if (
        annotations[ANNOTATION_ORIGIN] !== ORIGIN_PORTAL &&
        annotations[ANNOTATION_ORPHAN] !== 'true'
      ) {
        heads.push({
          entityRef: stringifyEntityRef(entity),
          name: entity.metadata.name,
          etag: entity.metadata.etag,
        });
      }
    }
  }
  return heads;
}

/** The full entities of the given heads, page by page. */
export async function* readDeclarations(options: {
  catalog: CatalogService;
  credentials: BackstageCredentials;
  heads: DeclarationHead[];
}): AsyncGenerator<{ head: DeclarationHead; entity: Entity }> {
  const { catalog, credentials, heads } = options;
  for (let start = 0; start < heads.length; start += CONTENT_PAGE_SIZE) {
    const page = heads.slice(start, start + CONTENT_PAGE_SIZE);
    const { items } = await catalog.getEntitiesByRefs(
      { entityRefs: page.map(head => head.entityRef) },
      { credentials },
    );
    for (const [index, head] of page.entries()) {
      const entity = items[index];
      // Gone between the two reads; the next pass no longer sees it.
      if (entity) {
        yield { head, entity };
      }
    }
  }
}
