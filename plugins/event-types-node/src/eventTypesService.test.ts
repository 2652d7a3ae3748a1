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
  return { asked, service };
}

describe('eventTypesServiceRef', () => {
  const options = { credentials: mockCredentials.service('plugin:consumer') };
  const push = { name: 'push', version: 1 };

  it('lists event types in the name of the calling plugin', async () => {
    const { asked, service } = await startWithAnswers({
      '/event-types?schema=true': { status: 200, body: { items: [push] } },
      '/event-types?schema=false': { status: 200, body: { items: [] } },
    });
    expect(await service.listEventTypes({}, options)).toEqual([push]);
    expect(
      await service.listEventTypes({ withSchema: false }, options),
    ).toEqual([]);
    expect(asked).toEqual([
      { url: '/event-types?schema=true', subject: 'plugin:consumer' },
      { url: '/event-types?schema=false', subject: 'plugin:consumer' },
    ]);
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
      '/event-types?schema=true': { status: 503, body: {} },
    });
    await expect(service.listEventTypes({}, options)).rejects.toMatchObject({
      name: 'ResponseError',
      statusCode: 503,
    });
  });
});
