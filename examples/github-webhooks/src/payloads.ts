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

/** In one round of so many, what does not fit its schema is sent. */
const ROUNDS_PER_MISFIT = 25;
/** The first one comes early, so that refused events can be seen soon. */
const FIRST_MISFIT_ROUND = 5;

/**
 * The payloads of the given event types, endlessly: one of each type in turn,
 * so that every type gets events at the same pace however many examples it has.
 *
 * Some recorded payloads do not fit today's schema, because GitHub added
 * required fields later. They stay in, in one round of 25: a producer with an
 * old version is the everyday reason for refused events, and not the rule.
 *
 * @param fits tells whether a payload fits the schema of its event type
 */
export function* cyclePayloads(
  eventTypes: ReadonlySet<string>,
  fits: (payload: Payload) => boolean,
): Generator<Payload, never> {
  const examples = webhookExamples()
    .map(({ name, payloads }) => ({ eventType: eventTypeOf(name), payloads }))
    .filter(({ eventType }) => eventTypes.has(eventType))
    .map(({ eventType, payloads }) => {
      const all = payloads.map(data => ({ eventType, data }));
      return {
        fitting: all.filter(payload => fits(payload)),
        misfits: all.filter(payload => !fits(payload)),
      };
    });
  if (examples.length === 0) {
    throw new Error('None of the event types has example payloads');
  }
  for (let round = 1; ; round += 1) {
    const isMisfitRound = round % ROUNDS_PER_MISFIT === FIRST_MISFIT_ROUND;
    for (const { fitting, misfits } of examples) {
      const wanted = isMisfitRound ? misfits : fitting;
      const payloads = wanted.length > 0 ? wanted : [...fitting, ...misfits];
      yield payloads[round % payloads.length];
    }
  }
}
