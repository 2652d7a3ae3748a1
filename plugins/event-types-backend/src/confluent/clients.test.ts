import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import {
  AvroDeserializer,
  AvroSerializer,
  type BearerAuthCredentials,
  Compatibility,
  JsonDeserializer,
  JsonSerializer,
  type ClientConfig,
  SchemaRegistryClient,
  SerdeType,
} from '@confluentinc/schemaregistry';
import {
  COMPATIBILITY,
  SchemaRegistry,
  SchemaType,
} from '@kafkajs/confluent-schema-registry';
import request from 'supertest';
import {
  ALLOW,
  DENY,
  type TestPolicy,
  declared,
  group,
  ifOwner,
  startEventTypes,
} from '../__testUtils__/startEventTypes';

jest.setTimeout(120_000);

const BEARER = /^Bearer /;
const tokenOf = (header: string) => header.replace(BEARER, '');
const OWNER = tokenOf(mockCredentials.user.header('user:default/owner'));
const READER = tokenOf(mockCredentials.user.header('user:default/reader'));
const SERVICE = tokenOf(mockCredentials.service.header());

/** Owners update; everybody reads, but for what the other team owns. */
const policy: TestPolicy = (permission, user) => {
  if (!user) {
    return ALLOW;
  }
  if (permission === 'event-types.event-type.read') {
    return ifOwner('group:default/webhooks');
  }
  if (permission === 'event-types.event-type.create') {
    return user === 'user:default/owner' ? ALLOW : DENY;
  }
  return user === 'user:default/owner'
    ? ifOwner('group:default/webhooks')
    : ifOwner('nobody');
};

const avro = (...fields: object[]) => ({
  type: 'record' as const,
  name: 'order_placed',
  namespace: 'shop',
  doc: 'A customer placed an order',
  fields,
});
const id = { name: 'order_id', type: 'string' };
const cents = { name: 'total_cents', type: 'long' };
/** Null second: a value encodes otherwise than with null first. */
const coupon = { name: 'coupon', type: ['string', 'null'] };
const channel = { name: 'channel', type: ['null', 'string'], default: null };

const SUBJECT = 'shop.order_placed-value';
const TOPIC = 'shop.order_placed';
const order = { order_id: 'o-1', total_cents: 1999, coupon: 'TEN' };

describe('clients of the schema registry protocol', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  async function start() {
    const backend = await startEventTypes({
      knex: await databases.init('POSTGRES_18'),
      policy,
      entities: [group('webhooks'), group('others')],
      config: {
        eventTypes: {
          schemaRegistry: {
            newSubjects: [{ prefix: 'shop.', owner: 'group:default/webhooks' }],
          },
        },
      },
    });
    running.push(backend.stop);
    const address = backend.server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const host = `http://127.0.0.1:${port}/api/event-types/confluent`;
    let requests = 0;
    backend.server.on('request', () => {
      requests += 1;
    });
    return {
      ...backend,
      countRequests: () => requests,
      /** The client of the KafkaJS project, which knows basic authentication. */
      kafkajs: (token = OWNER) =>
        new SchemaRegistry({
          host,
          auth: { username: 'any', password: token },
          retry: { retries: 0 },
        }),
      /** The client of Confluent, with a bearer token. */
      confluent: (token = OWNER) => {
        const bearerAuthCredentials: BearerAuthCredentials = {
          credentialsSource: 'STATIC_TOKEN',
          token,
          logicalCluster: 'any',
          identityPoolId: 'any',
        };
        const config: ClientConfig = {
          baseURLs: [host],
          bearerAuthCredentials,
          maxRetries: 0,
        };
        return new SchemaRegistryClient(config);
      },
      portal: (method: 'get' | 'post' | 'put', path: string) =>
        request(backend.server)
          [method](`/api/event-types${path}`)
          .set('Authorization', `Bearer ${OWNER}`),
    };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  const options = {
    subject: SUBJECT,
    compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE,
  };
  const text = (...fields: object[]) => ({
    schemaType: 'AVRO',
    schema: JSON.stringify(avro(...fields)),
  });

  it('registers, and one client decodes what the other encoded', async () => {
    const { kafkajs, confluent, portal, audited } = await start();
    const writer = kafkajs();
    const registered = await writer.register(avro(id, cents, coupon), options);
    const encoded = await writer.encode(registered.id, order);

    const reader = confluent();
    const deserializer = new AvroDeserializer(reader, SerdeType.VALUE, {});
    expect(await deserializer.deserialize(TOPIC, encoded)).toEqual(order);

    const serializer = new AvroSerializer(reader, SerdeType.VALUE, {
      useLatestVersion: true,
    });
    const back = await serializer.serialize(TOPIC, { ...order, coupon: null });
    expect(await kafkajs(READER).decode(back)).toEqual({
      ...order,
      coupon: null,
    });

    const eventType = (await portal('get', `/event-types/${TOPIC}`)).body;
    expect(eventType).toMatchObject({
      owner: 'group:default/webhooks',
      tier: 'normal',
      description: 'A customer placed an order',
      origin: 'portal',
      version: 1,
      fields: [
        { path: 'order_id', required: true },
        { path: 'total_cents', required: true },
        { path: 'coupon', required: false },
      ],
    });
    expect(audited).toEqual([
      {
        eventId: 'event-type-mutate',
        outcome: 'success',
        meta: expect.objectContaining({
          actionType: 'create',
          eventType: TOPIC,
          schemaId: registered.id,
        }),
      },
    ]);
  });

  it('gives the same number to the same schema, however it is written and whoever asks', async () => {
    const { kafkajs, confluent, audited } = await start();
    const { id: number } = await kafkajs().register(
      avro(id, cents, coupon),
      options,
    );
    const { fields, ...head } = avro(id, cents, coupon);
    const spaced = {
      schemaType: 'AVRO',
      schema: JSON.stringify({ fields, ...head, aliases: ['old'] }, null, 2),
    };
    const client = confluent(READER);
    expect(await client.getId(SUBJECT, spaced)).toBe(number);
    expect(await client.getVersion(SUBJECT, spaced)).toBe(1);
    // No right to change anything is needed to register what is there.
    expect(await client.register(SUBJECT, spaced)).toBe(number);
    expect(
      await kafkajs(READER).getRegistryIdBySchema(
        SUBJECT,
        avro(id, cents, coupon),
      ),
    ).toBe(number);
    expect(await kafkajs().getLatestSchemaId(TOPIC)).toBe(number);
    expect(audited).toHaveLength(1);
  });

  it('gives one number to programs that start and register at the same time', async () => {
    const { confluent, portal } = await start();
    for (const fields of [
      [id, cents],
      [id, cents, channel],
    ]) {
      const numbers = await Promise.all(
        Array.from({ length: 6 }, () =>
          confluent().register(SUBJECT, text(...fields)),
        ),
      );
      expect(new Set(numbers).size).toBe(1);
    }
    const { body } = await portal('get', `/event-types/${TOPIC}`);
    expect(body).toMatchObject({ version: 2, generation: 2 });
  });

  it('keeps each way of writing a schema that encodes values in its own way', async () => {
    const { kafkajs, confluent, portal } = await start();
    const nullFirst = { ...coupon, type: ['null', 'string'] };
    const first = await kafkajs().register(avro(id, cents, coupon), options);
    const client = confluent();
    const second = await client.registerFullResponse(
      SUBJECT,
      text(id, cents, nullFirst),
    );
    // The same event type, at the same version: only the encoding differs.
    expect(second.id).not.toBe(first.id);
    expect(second.version).toBe(1);
    const { body } = await portal('get', `/event-types/${TOPIC}`);
    expect(body).toMatchObject({ version: 1, generation: 1 });

    const fresh = kafkajs(READER);
    for (const number of [first.id, Number(second.id)]) {
      const encoded = await kafkajs().encode(number, order);
      expect(await fresh.decode(encoded)).toEqual(order);
    }
    // What stands for the version is what made it.
    expect(await fresh.getRegistryId(SUBJECT, 1)).toBe(first.id);
  });

  it('evolves an event type, and names the field of an incompatible schema', async () => {
    const { kafkajs, confluent, portal, published } = await start();
    const client = confluent();
    const first = await client.register(SUBJECT, text(id, cents));
    const second = await client.registerFullResponse(
      SUBJECT,
      text(id, cents, channel),
    );
    expect(second.version).toBe(2);
    expect(second.id).not.toBe(first);
    expect(await client.getAllVersions(SUBJECT)).toEqual([1, 2]);
    expect(await client.getAllSubjects()).toEqual([SUBJECT]);
    const oldest = await client.getSchemaMetadata(SUBJECT, 1);
    expect(oldest).toMatchObject({ id: first, version: 1, subject: SUBJECT });
    expect(published).toHaveLength(2);

    const removed = text(cents, channel);
    expect(await client.testSubjectCompatibility(SUBJECT, removed)).toBe(false);
    expect(await client.testCompatibility(SUBJECT, 1, text(id, cents))).toBe(
      true,
    );
    await expect(client.register(SUBJECT, removed)).rejects.toMatchObject({
      status: 409,
      errorCode: 409,
      message: expect.stringContaining('/data/order_id'),
    });
    await expect(
      kafkajs().register(avro(cents, channel), options),
    ).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('/data/order_id'),
    });
    const { body } = await portal('get', `/event-types/${TOPIC}`);
    expect(body.version).toBe(2);
  });

  it('serves JSON Schemas and JSON values', async () => {
    const { kafkajs, confluent, portal } = await start();
    const schema = JSON.stringify({
      $schema: 'http://json-schema.org/draft-07/schema#',
      description: 'A customer placed an order',
      type: 'object',
      required: ['order_id'],
      properties: {
        order_id: { type: 'string', pattern: '^o-' },
        total_cents: { type: 'integer' },
      },
    });
    const registered = await kafkajs().register(
      { type: SchemaType.JSON, schema },
      options,
    );
    const value = { order_id: 'o-1', total_cents: 1999 };
    const encoded = await kafkajs().encode(registered.id, value);
    const client = confluent();
    const deserializer = new JsonDeserializer(client, SerdeType.VALUE, {
      validate: true,
    });
    expect(await deserializer.deserialize(TOPIC, encoded)).toEqual(value);
    const serializer = new JsonSerializer(client, SerdeType.VALUE, {
      useLatestVersion: true,
      validate: true,
    });
    const back = await serializer.serialize(TOPIC, value);
    expect(await kafkajs(READER).decode(back)).toEqual(value);
    await expect(
      serializer.serialize(TOPIC, { order_id: 'wrong' }),
    ).rejects.toThrow(/pattern/);
    expect(await client.getId(SUBJECT, { schemaType: 'JSON', schema })).toBe(
      registered.id,
    );

    const { body } = await portal('get', `/event-types/${TOPIC}`);
    expect(body.fields).toMatchObject([
      { path: 'order_id', type: 'string', required: true },
      { path: 'total_cents', type: 'long', required: false },
    ]);
  });

  it('numbers the versions that were made in the portal or declared as code', async () => {
    const { confluent, kafkajs, portal, setEntities, takeIn } = await start();
    await portal('post', '/event-types').send({
      name: 'portal.made',
      description: 'Made in the portal',
      owner: 'group:default/webhooks',
      tier: 'low',
      schema: avro(id, channel),
    });
    setEntities([
      group('webhooks'),
      declared('code.made', {
        description: 'Declared as code',
        schema: avro(id, channel),
      }),
    ]);
    await takeIn();

    const client = confluent(READER);
    const made = await client.getLatestSchemaMetadata('portal.made-value');
    const declaredOne = await client.getLatestSchemaMetadata('code.made-value');
    expect(made.id).not.toBe(declaredOne.id);
    const value = { order_id: 'o-1', channel: 'web' };
    expect(
      await kafkajs(READER).decode(
        await kafkajs().encode(Number(made.id), value),
      ),
    ).toEqual(value);
    // Written by hand, with the optional field's default left out.
    const byHand = text(id, { name: 'channel', type: ['null', 'string'] });
    expect(await client.getId('portal.made-value', byHand)).toBe(made.id);

    // A repository owns what it declares.
    await expect(
      confluent().register('code.made-value', text(id, channel, cents)),
    ).rejects.toMatchObject({
      errorCode: 42205,
      message: expect.stringContaining('code.example/code.made.yaml'),
    });
  });

  it('answers clients from their caches', async () => {
    const { confluent, countRequests, kafkajs } = await start();
    const { id: number } = await kafkajs().register(avro(id, cents), options);
    const reader = kafkajs(READER);
    const encoded = await reader.encode(number, order);
    const client = confluent(READER);
    const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {});
    await deserializer.deserialize(TOPIC, encoded);
    const before = countRequests();
    for (let n = 0; n < 5; n++) {
      await reader.decode(encoded);
      await deserializer.deserialize(TOPIC, encoded);
    }
    expect(countRequests()).toBe(before);
  });

  it('never lets a client change how an event type may change', async () => {
    const { confluent, kafkajs, audited } = await start();
    const client = confluent();
    await client.register(SUBJECT, text(id, cents));
    expect(await client.getCompatibility(SUBJECT)).toBe('BACKWARD_TRANSITIVE');
    expect(await client.getDefaultCompatibility()).toBe('BACKWARD_TRANSITIVE');
    expect(
      await client.updateCompatibility(
        SUBJECT,
        Compatibility.BACKWARD_TRANSITIVE,
      ),
    ).toBe('BACKWARD_TRANSITIVE');
    for (const level of [Compatibility.NONE, Compatibility.BACKWARD]) {
      await expect(
        client.updateCompatibility(SUBJECT, level),
      ).rejects.toMatchObject({ status: 422, errorCode: 42205 });
      await expect(
        client.updateDefaultCompatibility(level),
      ).rejects.toMatchObject({ errorCode: 42205 });
    }
    // A client that counts on another level is told before it registers.
    await expect(
      kafkajs().register(avro(id), { subject: 'shop.new-value' }),
    ).rejects.toThrow('BACKWARD != BACKWARD_TRANSITIVE');
    expect(await client.getAllSubjects()).toEqual([SUBJECT]);

    await expect(client.deleteSubject(SUBJECT)).rejects.toMatchObject({
      errorCode: 42205,
    });
    await expect(
      client.deleteSubjectVersion(SUBJECT, 1, true),
    ).rejects.toMatchObject({ errorCode: 42205 });
    expect(await client.getAllVersions(SUBJECT)).toEqual([1]);
    expect(audited.map(({ outcome }) => outcome)).toEqual([
      'success',
      ...Array(6).fill('fail'),
    ]);
  });

  it('lets an owner make the mode stricter, and judges in the mode in force', async () => {
    const { confluent, audited } = await start();
    const client = confluent();
    const widened = { ...cents, type: 'double' };
    await client.register(SUBJECT, text(id, { ...cents, type: 'float' }));
    expect(
      await client.testSubjectCompatibility(SUBJECT, text(id, widened)),
    ).toBe(true);

    await expect(
      confluent(READER).updateCompatibility(
        SUBJECT,
        Compatibility.FULL_TRANSITIVE,
      ),
    ).rejects.toMatchObject({ errorCode: 40301 });
    expect(
      await client.updateCompatibility(SUBJECT, Compatibility.FULL_TRANSITIVE),
    ).toBe('FULL_TRANSITIVE');
    expect(await client.getConfig(SUBJECT)).toEqual({
      compatibilityLevel: 'FULL_TRANSITIVE',
    });
    // Readers of the earlier version would meet what they do not know.
    expect(
      await client.testSubjectCompatibility(SUBJECT, text(id, widened)),
    ).toBe(false);
    await expect(
      client.register(SUBJECT, text(id, widened)),
    ).rejects.toMatchObject({
      errorCode: 409,
      message: expect.stringContaining('/data/total_cents'),
    });
    await expect(
      client.updateCompatibility(SUBJECT, Compatibility.BACKWARD_TRANSITIVE),
    ).rejects.toMatchObject({
      errorCode: 42205,
      message: expect.stringContaining('group:default/webhooks'),
    });
    // Nobody may do it in passing, not even who could do it in the portal.
    await expect(
      confluent(SERVICE).updateCompatibility(SUBJECT, Compatibility.NONE),
    ).rejects.toMatchObject({ errorCode: 42205 });
    expect(await client.getCompatibility(SUBJECT)).toBe('FULL_TRANSITIVE');
    expect(
      audited.filter(({ meta }) => meta.aspect === 'compatibility'),
    ).toMatchObject([
      { outcome: 'fail' },
      { outcome: 'success', meta: { mode: 'full-transitive' } },
      { outcome: 'fail' },
      { outcome: 'fail' },
    ]);
  });

  it('says why a schema is not compatible, version by version', async () => {
    const { confluent, server } = await start();
    const client = confluent();
    await client.register(SUBJECT, text(id, cents));
    await client.register(SUBJECT, text(id, cents, channel));
    const ask = (path: string) =>
      request(server)
        .post(
          `/api/event-types/confluent/compatibility/subjects/${SUBJECT}${path}`,
        )
        .set('Authorization', `Bearer ${READER}`)
        .type('application/vnd.schemaregistry.v1+json')
        .send(JSON.stringify({ schema: JSON.stringify(avro(id, cents)) }));
    expect((await ask('/versions/1?verbose=true')).body).toEqual({
      is_compatible: true,
      messages: [],
    });
    const latest = await ask('/versions/latest?verbose=true');
    expect(latest.body).toEqual({
      is_compatible: false,
      messages: [
        expect.stringMatching(
          /^field_removed at \/data\/channel, against version 2: /,
        ),
      ],
    });
    expect((await ask('/versions')).body).toEqual({ is_compatible: false });
    expect((await ask('/versions/3')).body).toMatchObject({
      error_code: 40402,
    });
  });

  it('gives the codes of the protocol for what is not there or not a schema', async () => {
    const { confluent } = await start();
    const client = confluent();
    await client.register(SUBJECT, text(id, cents));
    const code = async (call: Promise<unknown>) =>
      call.then(
        () => 0,
        error => error.errorCode,
      );
    expect(await code(client.getLatestSchemaMetadata('shop.none-value'))).toBe(
      40401,
    );
    expect(await code(client.getSchemaMetadata(SUBJECT, 7))).toBe(40402);
    expect(await code(client.getSchemaMetadata(SUBJECT, 0))).toBe(42202);
    expect(await code(client.getBySubjectAndId(SUBJECT, 2_000_000_000))).toBe(
      40403,
    );
    expect(await code(client.getByGuid('no-guid'))).toBe(40403);
    expect(await code(client.getId(SUBJECT, text(id)))).toBe(40403);
    const register = (schema: object, subject = SUBJECT) =>
      code(client.register(subject, { schema: '"string"', ...schema }));
    expect(await register({})).toBe(42201);
    expect(await register({ schema: '{' })).toBe(42201);
    expect(await register({ schemaType: 'PROTOBUF' })).toBe(42201);
    expect(
      await register({
        ...text(id),
        references: [{ name: 'a', subject: 'b', version: 1 }],
      }),
    ).toBe(42201);
    expect(await register({ ...text(id), ruleSet: { domainRules: [] } })).toBe(
      42210,
    );
    expect(
      await register({ ...text(id), metadata: { properties: { a: 'b' } } }),
    ).toBe(42201);
    expect(await register(text(id), ':.other:shop.order')).toBe(42208);
    expect(await register(text(id), 'shop.order-key')).toBe(42208);
    expect(await register(text(id), 'Shop.Order-value')).toBe(42208);
    expect(
      await register({ schema: JSON.stringify('x'.repeat(1024 * 1024)) }),
    ).toBe(42209);
    expect(
      await register({
        schemaType: 'JSON',
        schema: `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      }),
    ).toBe(42201);
    expect(
      await code(client.getLatestWithMetadata(SUBJECT, { owner: 'me' })),
    ).toBe(42205);
  });

  it('asks for the owner of a new event type, and takes only whom the caller may act for', async () => {
    const { confluent, portal } = await start();
    const owned = (owner: string) => ({
      ...text(id),
      metadata: {
        properties: { 'millrace.owner': owner, 'millrace.tier': 'critical' },
      },
    });
    const subject = 'warehouse.moved-value';
    await expect(confluent().register(subject, text(id))).rejects.toMatchObject(
      {
        errorCode: 42205,
        message: expect.stringContaining('millrace.owner'),
      },
    );
    await expect(
      confluent().register(subject, {
        ...owned('webhooks'),
        schema: JSON.stringify({ ...avro(id), doc: ' ' }),
      }),
    ).rejects.toMatchObject({
      errorCode: 42205,
      message: expect.stringContaining('millrace.description'),
    });
    await expect(
      confluent().register(subject, owned('group:default/others')),
    ).rejects.toMatchObject({ status: 403, errorCode: 40301 });
    await expect(
      confluent(SERVICE).register(subject, owned('group:default/nobody')),
    ).rejects.toMatchObject({ errorCode: 42201 });
    await confluent().register(subject, owned('webhooks'));
    const { body } = await portal('get', '/event-types/warehouse.moved');
    expect(body).toMatchObject({
      owner: 'group:default/webhooks',
      tier: 'critical',
      createdBy: 'user:default/owner',
    });
    // Handing over is nothing that happens on the way.
    await expect(
      confluent().register(subject, {
        ...text(id, channel),
        metadata: { properties: { 'millrace.tier': 'low' } },
      }),
    ).rejects.toMatchObject({ errorCode: 42205 });
  });

  it('shows a subject that may not be read like one that is not there', async () => {
    const { confluent, kafkajs } = await start();
    const service = confluent(SERVICE);
    const hidden = await service.registerFullResponse('secret.things-value', {
      ...text(id),
      metadata: { properties: { 'millrace.owner': 'group:default/others' } },
    });
    expect(await service.getAllSubjects()).toEqual(['secret.things-value']);

    const client = confluent(READER);
    expect(await client.getAllSubjects()).toEqual([]);
    const answerOf = (call: Promise<unknown>) =>
      call.catch(error => String(error.message));
    for (const ask of [
      (name: string) => client.getLatestSchemaMetadata(`${name}-value`),
      (name: string) => client.getId(`${name}-value`, text(id)),
      (name: string) =>
        client.testSubjectCompatibility(`${name}-value`, text(id)),
      (name: string) => client.deleteSubject(`${name}-value`),
    ]) {
      const there = String(await answerOf(ask('secret.things')));
      const notThere = String(await answerOf(ask('secret.nothing')));
      expect(there).toBe(notThere.replace('nothing', 'things'));
      expect(there).toContain('40401');
    }
    expect(await client.getCompatibility('secret.things-value')).toBe(
      await client.getCompatibility('secret.nothing-value'),
    );
    await expect(
      kafkajs(READER).getSchema(Number(hidden.id)),
    ).rejects.toMatchObject({
      status: 404,
    });
    await expect(client.getByGuid(String(hidden.guid))).rejects.toMatchObject({
      errorCode: 40403,
    });
    await expect(
      client.register('secret.things-value', text(id, channel)),
    ).rejects.toMatchObject({ errorCode: 42205 });
  });

  it('lets nobody in without a good token', async () => {
    const { server } = await start();
    const get = (authorization?: string) => {
      const call = request(server).get('/api/event-types/confluent/subjects');
      return authorization ? call.set('Authorization', authorization) : call;
    };
    const basic = (pair: string) =>
      `Basic ${Buffer.from(pair).toString('base64')}`;
    for (const header of [
      mockCredentials.none.header(),
      basic('user:'),
      basic('user'),
      basic(`user:${tokenOf(mockCredentials.none.header())}`),
      basic('user:wrong'),
    ]) {
      const { status, body, headers } = await get(header);
      expect([status, body.error_code]).toEqual([401, 401]);
      expect(headers['www-authenticate']).toMatch(/^Basic /);
    }
    const { status, headers } = await get(basic(`any:${READER}`));
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(
      /^application\/vnd\.schemaregistry\.v1\+json/,
    );
  });
});
