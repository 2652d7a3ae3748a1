import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from '../../lib/project.mjs';

const require = createRequire(
  path.join(root, 'plugins/event-types-backend/package.json'),
);
require('@backstage/cli/config/nodeTransform.cjs');
const room = file =>
  require(path.join(root, 'plugins/event-types-backend/src', file));
const { migrateDatabase } = room('database/migrate.ts');
const { lockEventType } = room(
  'database/operations/eventTypes/lockEventType.ts',
);
const { applyDeclaration, insertDeclaration } = room(
  'registry/writeDeclaration.ts',
);
const { parseEventSchema } = require('@millrace/schema');
const createKnex = require('knex');

const CONNECTIONS = 4;
const DAY_MS = 86_400_000;
const BY = 'user:default/platform';

/**
 * Registers an estate with the registry's own code: each version is judged as
 * one that comes over HTTP, against all before it, and written by the same
 * statements. What is left out is HTTP, the compiling of validators, and one
 * commit per version instead of one per event type: 20,000 requests would take a
 * good part of an hour, and nothing of that is what is measured.
 *
 * @param {{ connection: string, estate: Iterable<object>,
 *   onProgress: (types: number) => void }} options
 * @returns {Promise<{ types: number, versions: number }>}
 */
export async function fillRegistry({ connection, estate, onProgress }) {
  const db = createKnex({
    client: 'pg',
    connection,
    pool: { min: 0, max: CONNECTIONS },
  });
  try {
    await migrateDatabase({ getClient: async () => db });
    let types = 0;
    let versions = 0;
    const queue = estate[Symbol.iterator]();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        for (const eventType of queue) {
          await db.transaction(tx => register(tx, eventType));
          types += 1;
          versions += eventType.schemas.length;
          onProgress(types);
        }
      }),
    );
    // As autovacuum would, some minutes later.
    await db.raw('ANALYZE');
    return { types, versions };
  } finally {
    await db.destroy();
  }
}

async function register(tx, { schemas, ...head }) {
  const began = Date.now() - schemas.length * DAY_MS;
  const declare = avro => ({
    ...head,
    schema: parseEventSchema(avro),
    details: {},
  });
  const [first, ...later] = schemas;
  const isInserted = await insertDeclaration(tx, {
    declaration: declare(first),
    origin: 'portal',
    at: new Date(began),
    by: BY,
  });
  if (!isInserted) throw new Error(`Void: ${head.name} is there already`);
  for (const [index, avro] of later.entries()) {
    const outcome = await applyDeclaration(tx, {
      current: await lockEventType(tx, { name: head.name }),
      declaration: declare(avro),
      at: new Date(began + (index + 1) * DAY_MS),
      by: BY,
    });
    if (outcome !== 'updated') {
      throw new Error(`Void: version ${index + 2} of ${head.name} ${outcome}`);
    }
  }
}
