import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import {
  deliveryReadPermission,
  refusedEventsReadPermission,
} from '@millrace/plugin-delivery-common';
import { parseName } from '../service/request';
import type { ActionOptions } from './types';

const MAX_GROUPS = 20;

/** Registers `why-are-events-refused`: by reason and field, never a value. */
export function registerWhyAreEventsRefused(
  actions: ActionsRegistryService,
  {
    access,
    eventTypes,
    refused,
  }: Pick<ActionOptions, 'access' | 'eventTypes' | 'refused'>,
): void {
  actions.register({
    name: 'why-are-events-refused',
    title: 'Why are events of a type refused?',
    description: `Groups the refused events of an event type of the last 31 days by reason code and field, most frequent first, at most ${MAX_GROUPS}. With field it says only what was refused there. Contents of events are never part of the answer; who may not read refused events gets counts by reason alone. It changes nothing.`,
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          eventType: z.string().max(63).describe('Such as shop.order_placed'),
          field: z
            .string()
            .max(1000)
            .optional()
            .describe('JSON pointer into the event, such as /data/buyer/email'),
        }),
      output: z =>
        z.object({
          answer: z.string(),
          eventType: z.string(),
          total: z.number(),
          since: z.string(),
          isByReasonAlone: z.boolean(),
          groups: z.array(
            z.object({
              reason: z.string(),
              field: z.string().optional(),
              count: z.number(),
              replayed: z.number(),
              firstSeenAt: z.string(),
              lastSeenAt: z.string(),
            }),
          ),
        }),
    },
    async action({ input, credentials }) {
      await access.require(deliveryReadPermission, credentials);
      const eventType = await eventTypes.get(
        parseName({ name: input.eventType }),
        credentials,
      );
      const isFull = await access.isAllowedFor(
        refusedEventsReadPermission,
        eventType,
        credentials,
      );
      const { items, total, since, detail } = await refused.groups({
        eventType: eventType.name,
        detail: isFull ? 'full' : 'counts',
      });
      const isByReasonAlone = detail === 'counts';
      const wanted =
        input.field === undefined || isByReasonAlone
          ? items
          : items.filter(({ field }) => field === input.field);
      const found = wanted.reduce((sum, { count }) => sum + count, 0);
      return {
        output: {
          answer: describe({
            name: eventType.name,
            total,
            found,
            field: isByReasonAlone ? undefined : input.field,
          }),
          eventType: eventType.name,
          total,
          since,
          isByReasonAlone,
          groups: wanted
            .slice(0, MAX_GROUPS)
            .map(
              ({
                reason,
                field,
                count,
                replayed,
                firstSeenAt,
                lastSeenAt,
              }) => ({
                reason,
                field,
                count,
                replayed,
                firstSeenAt,
                lastSeenAt,
              }),
            ),
        },
      };
    },
  });
}

function describe(counts: {
  name: string;
  total: number;
  found: number;
  field?: string;
}): string {
  const { name, total, found, field } = counts;
  if (!total) {
    return `No event of '${name}' was refused in the last 31 days.`;
  }
  return field === undefined
    ? `${total} events of '${name}' were refused in the last 31 days.`
    : `${found} of the ${total} events of '${name}' that were refused in the last 31 days were refused at ${field}.`;
}
