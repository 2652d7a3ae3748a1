import { ANNOTATION_LOCATION, type Entity } from '@backstage/catalog-model';

/** Where an entity was read from, such as `url:https://…/event-types.yaml`. */
export function locationOf(entity: Entity): string | undefined {
  return entity.metadata.annotations?.[ANNOTATION_LOCATION];
}
