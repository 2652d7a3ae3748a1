import {
  type EventType,
  KIND_EVENT_TYPE,
  MILLRACE_API_VERSION,
} from '@millrace/plugin-event-types-common';
import { stringify } from 'yaml';

const HEADER = `# The declaration of this event type. Put it beside the code that sends the
# event and let the catalog read it: from then on it is changed here, and the
# portal shows it.
`;

/**
 * The declaration of an event type as code, whatever its origin. Taken in again
 * it declares the same: name, description, owner, tier, details and schema.
 *
 * Every text is written so that readers of YAML 1.1 take it for a text as well.
 */
export function exportDeclaration(eventType: EventType): string {
  const { name, description, owner, tier, tags, system } = eventType;
  const { retention, expectedEventsPerDay, schema } = eventType;
  return (
    HEADER +
    stringify(
      {
        apiVersion: MILLRACE_API_VERSION,
        kind: KIND_EVENT_TYPE,
        metadata: {
          name,
          ...(description !== undefined && { description }),
          ...(tags && { tags }),
        },
        spec: {
          owner,
          tier,
          ...(system && { system }),
          ...(retention && { retention }),
          ...(expectedEventsPerDay && { expectedEventsPerDay }),
          schema,
        },
      },
      {
        compat: 'yaml-1.1',
        aliasDuplicateObjects: false,
        lineWidth: 80,
      },
    )
  );
}
