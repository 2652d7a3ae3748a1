import {
  type Entity,
  RELATION_HAS_PART,
  RELATION_OWNED_BY,
  RELATION_OWNER_OF,
  RELATION_PART_OF,
  entityKindSchemaValidator,
  getCompoundEntityRef,
  parseEntityRef,
} from '@backstage/catalog-model';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import {
  type CatalogProcessor,
  type CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';
import {
  type DataEndpointEntity,
  type EventTypeEntity,
  KIND_DATA_ENDPOINT,
  KIND_EVENT_TYPE,
  RELATION_DELIVERED_FROM,
  RELATION_DELIVERS_TO,
  dataEndpointEntityJsonSchema,
  dataEndpointEntityRef,
  eventTypeEntityJsonSchema,
  isDataEndpointEntity,
  isEventTypeEntity,
} from '@millrace/plugin-event-types-common';

const isValidEventType = entityKindSchemaValidator<EventTypeEntity>(
  eventTypeEntityJsonSchema,
);
const isValidDataEndpoint = entityKindSchemaValidator<DataEndpointEntity>(
  dataEndpointEntityJsonSchema,
);

/**
 * Teaches the catalog the kinds EventType and DataEndpoint: checks their shape
 * and emits their relations.
 *
 * A processor, and not a catalog model layer: see ADR 0006 and ADR 0038. The JSON
 * schemas live in the common package, so moving over later is a change of this
 * room only.
 *
 * @internal
 */
export class DataPlatformEntitiesProcessor implements CatalogProcessor {
  getProcessorName(): string {
    return 'DataPlatformEntitiesProcessor';
  }

  async validateEntityKind(entity: Entity): Promise<boolean> {
    return (
      isValidEventType(entity) !== false ||
      isValidDataEndpoint(entity) !== false
    );
  }

  async postProcessEntity(
    entity: Entity,
    _location: LocationSpec,
    emit: CatalogProcessorEmit,
  ): Promise<Entity> {
    const self = getCompoundEntityRef(entity);

    function relate(
      targetRef: string,
      options: {
        defaultKind: string;
        outgoing: string;
        incoming: string;
      },
    ) {
      const { defaultKind, outgoing, incoming } = options;
      const target = parseEntityRef(targetRef, {
        defaultKind,
        defaultNamespace: self.namespace,
      });
      emit(processingResult.relation({ source: self, type: outgoing, target }));
      emit(
        processingResult.relation({
          source: target,
          type: incoming,
          target: self,
        }),
      );
    }

    const isEventType = isEventTypeEntity(entity);
    if (isEventType || isDataEndpointEntity(entity)) {
      relate(entity.spec.owner, {
        defaultKind: 'Group',
        outgoing: RELATION_OWNED_BY,
        incoming: RELATION_OWNER_OF,
      });
      if (entity.spec.system) {
        relate(entity.spec.system, {
          defaultKind: 'System',
          outgoing: RELATION_PART_OF,
          incoming: RELATION_HAS_PART,
        });
      }
    }
    if (isEventType) {
      relate(dataEndpointEntityRef(self.name), {
        defaultKind: KIND_DATA_ENDPOINT,
        outgoing: RELATION_DELIVERS_TO,
        incoming: RELATION_DELIVERED_FROM,
      });
    } else if (isDataEndpointEntity(entity) && entity.spec.deliveredFrom) {
      relate(entity.spec.deliveredFrom, {
        defaultKind: KIND_EVENT_TYPE,
        outgoing: RELATION_DELIVERED_FROM,
        incoming: RELATION_DELIVERS_TO,
      });
    }
    return entity;
  }
}
