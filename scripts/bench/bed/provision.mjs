import pg from 'pg';
import { startTestDatabase } from '../../lib/testDatabase.mjs';
import { EVENT_SCHEMA } from '../load/events.mjs';
import { ledger, schema } from './rooms.mjs';

const BUCKET_SECONDS = 3_600;
let databases = 0;

/**
 * Makes a ledger of this run's own. It is no part of accepting an event.
 *
 * @param {import('../benchmarks/types').Context} context
 * @returns {Promise<string>} its connection string
 */
export async function createDatabase({ node, env, scope }) {
  const server = await startTestDatabase({ node, env });
  scope.onEnd(server.stop);
  const url = new URL(
    server.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING,
  );
  const name = `millrace_bench_${process.pid}_${(databases += 1)}`;
  const run = async statement => {
    const client = new pg.Client({ connectionString: url.toString() });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await run(`CREATE DATABASE ${name}`);
  scope.onEnd(() => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.toString();
}

/**
 * Makes the event types and write keys the newest configuration.
 *
 * @returns {Promise<{ keys: Record<string, string>, db: import('knex').Knex }>}
 *   the write keys in clear, by name, and a client of the ledger
 */
export async function publishConfig(
  { scope },
  database,
  { eventTypes, writeKeys, bucketSeconds = BUCKET_SECONDS, now },
) {
  const db = ledger.createLedgerClient({ connectionString: database });
  scope.onEnd(() => db.destroy());
  await ledger.migrateLedger(db);
  const keys = {};
  for (const [name, allowed] of Object.entries(writeKeys)) {
    const { writeKey } = await ledger.createWriteKey(db, {
      name,
      eventTypes: allowed,
      createdBy: 'user:default/bench',
      owner: 'group:default/bench',
    });
    keys[name] = writeKey;
  }
  await ledger.publishConfigSnapshot(db, {
    bucketSeconds,
    now,
    eventTypes: eventTypes.map(name => ({
      name,
      tier: 'normal',
      version: 1,
      schema: EVENT_SCHEMA,
      topic: schema.topicOf(name),
      subscription: schema.subscriptionOf(name),
      ...(schema.refusedTopicOf && {
        refusedTopic: schema.refusedTopicOf(name),
        refusedSubscription: schema.refusedSubscriptionOf(name),
      }),
    })),
    writeKeys: await ledger.listSnapshotWriteKeys(db),
  });
  return { keys, db };
}

/**
 * Makes the topics and subscriptions, as the portal's reconciler does.
 *
 * @returns the names of the subscriptions
 */
export async function createTopics(pubsub, eventTypes) {
  const create = async (topic, subscription) => {
    await pubsub.createTopic(topic);
    await pubsub.topic(topic).createSubscription(subscription);
  };
  await create(schema.REFUSED_TOPIC, schema.REFUSED_SUBSCRIPTION);
  for (const name of eventTypes) {
    await create(schema.topicOf(name), schema.subscriptionOf(name));
    if (schema.refusedTopicOf) {
      await create(
        schema.refusedTopicOf(name),
        schema.refusedSubscriptionOf(name),
      );
    }
  }
  return {
    accepted: eventTypes.map(name => schema.subscriptionOf(name)),
    refused: [
      schema.REFUSED_SUBSCRIPTION,
      ...(schema.refusedTopicOf
        ? eventTypes.map(name => schema.refusedSubscriptionOf(name))
        : []),
    ],
  };
}
