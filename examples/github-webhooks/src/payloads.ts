import webhooks from '@octokit/webhooks-examples';

/** One kind of webhook with the real payloads recorded for it. */
export interface WebhookExamples {
  name: string;
  description: string;
  payloads: readonly object[];
}

/** One payload and the event type it is sent as. */
export interface Payload {
  eventType: string;
  data: object;
}

/** All kinds of webhooks for which real payloads are at hand. */
export function webhookExamples(): WebhookExamples[] {
  return webhooks.map(({ name, description, examples }) => ({
    name,
    description,
    payloads: examples,
  }));
}

/** The event type under which a webhook is registered and sent. */
export function eventTypeOf(webhookName: string): string {
  return `github.${webhookName}`;
}

/**
 * The payloads of the given event types, endlessly: one of each type in turn,
 * so that every type gets events at the same pace however many examples it has.
 *
 * Some of them do not fit today's schema, because GitHub added required fields
 * after they were recorded. They stay in: a producer with an old version is
 * the everyday reason for refused events.
 */
export function* cyclePayloads(
  eventTypes: ReadonlySet<string>,
): Generator<Payload, never> {
  const examples = webhookExamples().filter(
    ({ name, payloads }) =>
      eventTypes.has(eventTypeOf(name)) && payloads.length > 0,
  );
  if (examples.length === 0) {
    throw new Error('None of the event types has example payloads');
  }
  for (let round = 0; ; round += 1) {
    for (const { name, payloads } of examples) {
      yield {
        eventType: eventTypeOf(name),
        data: payloads[round % payloads.length],
      };
    }
  }
}
