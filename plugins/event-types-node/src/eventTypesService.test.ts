import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { ResponseError } from '@backstage/errors';
import { type EventTypesService, eventTypesServiceRef } from '.';

/** Answers like the event types backend, and remembers what it was asked. */
async function startWithAnswers(
  answers: Record<string, { status: number; body: unknown }>,
) {
  const asked: Array<{ url: string; subject: string }> = [];
  let service: EventTypesService | undefined;

  const backend = createBackendPlugin({
    pluginId: 'event-types',
    register(env) {
      env.registerInit({
        deps: {
          httpAuth: coreServices.httpAuth,
          httpRouter: coreServices.httpRouter,
        },
        async init({ httpAuth, httpRouter }) {
          httpRouter.use(async (req, res) => {
            const { principal } = await httpAuth.credentials(req, {
              allow: ['service'],
            });
            asked.push({ url: req.url, subject: principal.subject });
            const answer = answers[req.url];
            res.status(answer.status).json(answer.body);
          });
        },
      });
    },
  });
  const consumer = createBackendPlugin({
    pluginId: 'consumer',
    register(env) {
      env.registerInit({
        deps: { eventTypes: eventTypesServiceRef },
        async init({ eventTypes }) {
          service = eventTypes;
        },
      });
    },
  });
  await startTestBackend({ features: [backend, consumer] });
  if (!service) {
    throw new Error('The consumer did not start');
  }
  return { asked, answers, service };
}

describe('eventTypesServiceRef', () => {
  const options = { credentials: mockCredentials.service('plugin:consumer') };
  const at = '2026-11-21T12:00:00.000Z';
  const push = { name: 'push', version: 1, generation: 1, updatedAt: at };
  const pull = { ...push, name: 'pull' };
  const generationsOf = (...types: object[]) => ({
    status: 200,
    body: { items: types },
  });

  it('lists event types in the name of the calling plugin', async () => {
    const { asked, answers, service } = await startWithAnswers({});
    const many = Array.from({ length: 20 }, (_, n) => ({
      ...push,
      name: `push_${n}`,
    }));
    answers['/generations'] = generationsOf(...many);
    answers['/event-types?schema=true'] = generationsOf(...many);
    answers['/event-types?schema=false'] = generationsOf(...many);
    expect(await service.listEventTypes({}, options)).toEqual(many);
    expect(
      await service.listEventTypes({ withSchema: false }, options),
    ).toEqual(many);
    expect(asked).toEqual(
      [
        '/generations',
        '/event-types?schema=true',
        '/generations',
        '/event-types?schema=false',
      ].map(url => ({ url, subject: 'plugin:consumer' })),
    );
  });

  it('reads only what has changed, and gives the rest as the same objects', async () => {
    const { asked, answers, service } = await startWithAnswers({
      '/generations': generationsOf(pull, push),
      '/event-types/push': { status: 200, body: { ...push, schema: {} } },
      '/event-types/pull': { status: 200, body: { ...pull, schema: {} } },
    });
    const first = await service.listEventTypes({}, options);
    expect(first.map(({ name }) => name)).toEqual(['pull', 'push']);
    expect(Object.isFrozen(first[0].schema)).toBe(true);

    asked.length = 0;
    const second = await service.listEventTypes({}, options);
    expect(asked.map(({ url }) => url)).toEqual(['/generations']);
    second.forEach((eventType, n) => expect(eventType).toBe(first[n]));

    asked.length = 0;
    const next = { ...push, generation: 2 };
    answers['/generations'] = generationsOf(pull, next);
    answers['/event-types/push'] = { status: 200, body: next };
    const third = await service.listEventTypes({}, options);
    expect(asked.map(({ url }) => url)).toEqual([
      '/generations',
      '/event-types/push',
    ]);
    expect(third[0]).toBe(first[0]);
    expect(third[1]).toEqual(next);
  });

  it('leaves out what is gone, and reads anew what has its name', async () => {
    const { answers, service } = await startWithAnswers({
      '/generations': generationsOf(pull, push),
      '/event-types/push': { status: 200, body: push },
      '/event-types/pull': { status: 404, body: {} },
    });
    expect(await service.listEventTypes({}, options)).toEqual([push]);
    answers['/generations'] = generationsOf();
    expect(await service.listEventTypes({}, options)).toEqual([]);
    const again = { ...push, updatedAt: '2026-11-22T12:00:00.000Z' };
    answers['/generations'] = generationsOf(again);
    answers['/event-types/push'] = { status: 200, body: again };
    expect(await service.listEventTypes({}, options)).toEqual([again]);
  });

  it('leaves schemas out of a list without them', async () => {
    const { service } = await startWithAnswers({
      '/generations': generationsOf(push),
      '/event-types/push': {
        status: 200,
        body: { ...push, schema: {}, sealingSchema: {} },
      },
    });
    const [item] = await service.listEventTypes({ withSchema: false }, options);
    expect(JSON.parse(JSON.stringify(item))).toEqual(push);
  });

  it('reads everything from a backend that cannot tell what has changed', async () => {
    const { asked, service } = await startWithAnswers({
      '/generations': { status: 404, body: {} },
      '/event-types?schema=true': generationsOf(push),
    });
    for (let round = 0; round < 2; round++) {
      expect(await service.listEventTypes({}, options)).toEqual([push]);
    }
    expect(asked).toHaveLength(4);
  });

  it('gives undefined for an event type that does not exist, and no other error', async () => {
    const { service } = await startWithAnswers({
      '/event-types/push': { status: 200, body: push },
      '/event-types/missing': { status: 404, body: {} },
      '/event-types/a%2Fb': { status: 403, body: {} },
    });
    expect(await service.getEventType({ name: 'push' }, options)).toEqual(push);
    expect(
      await service.getEventType({ name: 'missing' }, options),
    ).toBeUndefined();
    await expect(
      service.getEventType({ name: 'a/b' }, options),
    ).rejects.toBeInstanceOf(ResponseError);
  });

  it('has an event type put away, and throws when that is refused', async () => {
    const { asked, service } = await startWithAnswers({
      '/event-types/push/archive': { status: 200, body: {} },
      '/event-types/kept/archive': { status: 409, body: {} },
    });
    await service.archiveEventType({ name: 'push' }, options);
    expect(asked).toEqual([
      { url: '/event-types/push/archive', subject: 'plugin:consumer' },
    ]);
    await expect(
      service.archiveEventType({ name: 'kept' }, options),
    ).rejects.toMatchObject({ statusCode: 409 });
  });

  it('throws when the event types backend refuses a list', async () => {
    const { service } = await startWithAnswers({
      '/generations': { status: 503, body: {} },
    });
    await expect(service.listEventTypes({}, options)).rejects.toMatchObject({
      name: 'ResponseError',
      statusCode: 503,
    });
  });
});
