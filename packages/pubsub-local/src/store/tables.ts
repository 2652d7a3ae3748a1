import { randomBytes } from 'node:crypto';
import { type Database, type RootDatabase } from 'lmdb';
import { BrokerError } from '../errors';
import {
  type BacklogReference,
  type Envelope,
  type StoreWriter,
  type StoredSubscription,
  type StoredTopic,
} from './types';

const FORMAT_VERSION = 1;

/** The LMDB databases of one store. */
export interface Tables {
  topics: Database<StoredTopic, string>;
  subscriptions: Database<StoredSubscription, string>;
  references: Database<Buffer, [number, number]>;
  envelopes: Database<Envelope, number>;
  bodies: Database<Buffer, number>;
  counters: Database<number, string>;
  names: Database<string, string>;
}

export function openTables(root: RootDatabase<Buffer, string>): Tables {
  return {
    topics: root.openDB({ name: 'topics', encoding: 'json' }),
    subscriptions: root.openDB({ name: 'subscriptions', encoding: 'json' }),
    references: root.openDB({ name: 'references', encoding: 'binary' }),
    envelopes: root.openDB({ name: 'envelopes', encoding: 'json' }),
    bodies: root.openDB({ name: 'bodies', encoding: 'binary' }),
    counters: root.openDB({ name: 'counters', encoding: 'json' }),
    names: root.openDB({ name: 'names', encoding: 'json' }),
  };
}

/** Queues writes with lmdb-js and reports the promise of each. */
export function createWriter(
  tables: Tables,
  onCommit: (commit: Promise<unknown>) => void,
): StoreWriter {
  const { topics, subscriptions, references, envelopes, bodies, counters } =
    tables;
  return {
    putTopic: topic => onCommit(topics.put(topic.name, topic)),
    removeTopic: name => onCommit(topics.remove(name)),
    putSubscription: subscription =>
      onCommit(subscriptions.put(subscription.name, subscription)),
    removeSubscription: name => onCommit(subscriptions.remove(name)),
    putMessage(sequence, envelope, body) {
      onCommit(envelopes.put(sequence, envelope));
      if (body.length > 0) {
        onCommit(bodies.put(sequence, body));
      }
    },
    removeMessage(sequence) {
      onCommit(envelopes.remove(sequence));
      onCommit(bodies.remove(sequence));
    },
    putReference: reference =>
      onCommit(
        references.put(
          [reference.subscriptionId, reference.sequence],
          encodeReference(reference),
        ),
      ),
    removeReference: (subscriptionId, sequence) =>
      onCommit(references.remove([subscriptionId, sequence])),
    putNextSequence: nextSequence =>
      onCommit(counters.put('nextSequence', nextSequence)),
    putNextSubscriptionId: nextId =>
      onCommit(counters.put('nextSubscriptionId', nextId)),
  };
}

function encodeReference(reference: BacklogReference): Buffer {
  const value = Buffer.allocUnsafe(12);
  value.writeDoubleLE(reference.publishTimeMs, 0);
  value.writeUInt32LE(reference.bytes, 8);
  return value;
}

export function decodeReference(entry: {
  key: [number, number];
  value: Buffer;
}): BacklogReference {
  return {
    subscriptionId: entry.key[0],
    sequence: entry.key[1],
    publishTimeMs: entry.value.readDoubleLE(0),
    bytes: entry.value.readUInt32LE(8),
  };
}

/**
 * Gives a new store its name and format; returns the name.
 *
 * @throws BrokerError `data_dir_unsupported` for a store of another format
 */
export function initialise(tables: Tables, dataDir: string): string {
  const formatVersion = tables.counters.get('formatVersion');
  if (formatVersion === undefined) {
    const storeId = randomBytes(6).toString('hex');
    tables.counters.transactionSync(() => {
      tables.counters.putSync('formatVersion', FORMAT_VERSION);
      tables.names.putSync('storeId', storeId);
    });
    return storeId;
  }
  const storeId = tables.names.get('storeId');
  if (formatVersion !== FORMAT_VERSION || storeId === undefined) {
    throw new BrokerError(
      'data_dir_unsupported',
      `The data directory ${dataDir} has format ${formatVersion}, this broker reads format ${FORMAT_VERSION}`,
    );
  }
  return storeId;
}
