import { setTimeout as delay } from 'node:timers/promises';
import { openLoop } from '../load/openLoop.mjs';
import { breakingNext, compatibleNext, ownerOf } from './estate.mjs';

/** What the page of event types asks for: opened, searched, narrowed, sorted. */
export const LIST_PATHS = [
  '',
  '&q=order+placed',
  '&tier=critical',
  `&owner=${encodeURIComponent(`group:default/${ownerOf(7)}`)}`,
  '&sort=-owner',
].map(rest => `/api/event-types/event-types?limit=50${rest}`);
const verdictPath = name => `/api/event-types/event-types/${name}/verdict`;
const conditionsPath = name => `/api/delivery/event-types/${name}`;

/** A few people at a time: pages that are opened, forms that are typed into. */
export const PER_SECOND = {
  list: 5,
  compatible: 5,
  breaking: 5,
  declare: 0.5,
};

export const TITLES = {
  idle: 'nothing to do',
  list: 'list page',
  compatible: 'verdict, compatible',
  breaking: 'verdict, breaking',
  declare: 'declared → provisioned',
};

export const LOOK_MS = 200;
const PROVISION_LIMIT_MS = 60_000;
const READER = 'user:default/developer';
const DECLARER = 'user:default/owner';
const DECLARER_GROUP = 'group:default/webhooks';

/**
 * What people ask of the portal, each a load of its own that runs when called.
 *
 * @param {{ seconds: number }} context
 * @param {Awaited<ReturnType<import('./startPortal.mjs').startPortal>>} portal
 * @param {{ name: string, schemas: object[] }[]} estate
 */
export function createStages({ seconds }, portal, estate) {
  const reader = portal.as(READER);
  const declarer = portal.as(DECLARER);
  const durationMs = seconds * 1000;
  // Different ones each time: nothing may be known from the request before.
  const pick = index => estate[(index * 379) % estate.length];
  const verdicts = (next, outcome, offset) => async () =>
    openLoop({
      perSecond: PER_SECOND.compatible,
      durationMs,
      seed: offset,
      send: async index => {
        const { name, schemas } = pick(index + offset);
        const body = { schema: next(schemas.at(-1), index + offset) };
        const answer = await reader.post(verdictPath(name), body);
        const verdict = answer.json();
        if (verdict.outcome !== outcome) {
          throw new Error(`The verdict on ${name} is ${verdict.outcome}`);
        }
      },
    });
  return {
    list: async () => {
      let bytes = 0;
      const result = await openLoop({
        perSecond: PER_SECOND.list,
        durationMs,
        send: async index => {
          const route = LIST_PATHS[index % LIST_PATHS.length];
          const { text } = await reader.get(route);
          bytes = Math.max(bytes, text.length);
        },
      });
      return { ...result, bytes };
    },
    compatible: verdicts(compatibleNext, 'new-version', 1),
    breaking: verdicts(breakingNext, 'refused', 100_000),
    declare: () =>
      openLoop({
        perSecond: PER_SECOND.declare,
        durationMs,
        arrival: 'fixed',
        send: index => declareOne(declarer, estate, index),
      }),
  };
}

let declared = 0;

/** Registers one more event type and waits until it can be sent. */
async function declareOne(declarer, estate, index) {
  const like = estate[(index * 53) % estate.length];
  const name = `bench_${process.pid}.declared_${(declared += 1)}`;
  await declarer.post('/api/event-types/event-types', {
    name,
    description: like.description,
    owner: DECLARER_GROUP,
    tier: 'normal',
    schema: like.schemas.at(-1),
  });
  const limit = performance.now() + PROVISION_LIMIT_MS;
  for (;;) {
    const { conditions } = (await declarer.get(conditionsPath(name))).json();
    const provisioned = conditions.find(({ type }) => type === 'Provisioned');
    if (provisioned.reached) return;
    if (performance.now() > limit) {
      throw new Error(`${name} is not provisioned: ${provisioned.message}`);
    }
    await delay(LOOK_MS);
  }
}
