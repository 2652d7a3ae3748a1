import { randomBytes } from 'node:crypto';
import { type Database, type RootDatabase } from 'lmdb';
import { BrokerError } from '../errors';
import { encodeReference } from './references';
import {
  type Envelope,
  type StoreWriter,
  type StoredSnapshot,
  type StoredSubscription,
  type StoredTopic,
} from './types';

/**
 * Format 2 added snapshots, the log of a topic, and states and ordering keys of
 * references. Everything of format 1 is read as it is; only the number is
 * raised, so that an older broker refuses what it would misread.
 */
const FORMAT_VERSION = 2;
const READABLE_VERSIONS = [1, FORMAT_VERSION];

/** The LMDB databases of one store. */
export interface Tables {
  topics: Database<StoredTopic, string>;
  subscriptions: Database<StoredSubscription, string>;
  snapshots: Database<StoredSnapshot, string>;
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
    snapshots: root.openDB({ name: 'snapshots', encoding: 'json' }),
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
  const { topics, subscriptions, snapshots, counters } = tables;
  const { references, envelopes, bodies } = tables;
  return {
    putTopic: topic => onCommit(topics.put(topic.name, topic)),
    removeTopic: name => onCommit(topics.remove(name)),
    putSubscription: subscription =>
      onCommit(subscriptions.put(subscription.name, subscription)),
    removeSubscription: name => onCommit(subscriptions.remove(name)),
    putSnapshot: snapshot => onCommit(snapshots.put(snapshot.name, snapshot)),
    removeSnapshot: name => onCommit(snapshots.remove(name)),
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
          [reference.holderId, reference.sequence],
          encodeReference(reference),
        ),
      ),
    removeReference: (holderId, sequence) =>
      onCommit(references.remove([holderId, sequence])),
    putNextSequence: nextSequence =>
      onCommit(counters.put('nextSequence', nextSequence)),
    // Subscriptions were the only holders of format 1, hence the name.
    putNextHolderId: nextId =>
      onCommit(counters.put('nextSubscriptionId', nextId)),
  };
}

/** Who a store is, and which of its openings this is. */
export interface StoreIdentity {
  storeId: string;
  epoch: number;
}

/**
 * Gives a new store its name and format, and counts the opening.
 *
 * @throws BrokerError `data_dir_unsupported` for a store of another format
 */
export function initialise(tables: Tables, dataDir: string): StoreIdentity {
  const { counters, names } = tables;
  const formatVersion = counters.get('formatVersion');
  const knownId = names.get('storeId');
  if (
    formatVersion !== undefined &&
    (!READABLE_VERSIONS.includes(formatVersion) || knownId === undefined)
  ) {
    throw new BrokerError(
      'data_dir_unsupported',
      `The data directory ${dataDir} has format ${formatVersion}, this broker reads formats ${READABLE_VERSIONS.join(
        ' and ',
      )}; start the version that wrote it, or choose another directory`,
    );
  }
  const storeId = knownId ?? randomBytes(6).toString('hex');
  const epoch = (counters.get('epoch') ?? 0) + 1;
  counters.transactionSync(() => {
    counters.putSync('formatVersion', FORMAT_VERSION);
    counters.putSync('epoch', epoch);
    names.putSync('storeId', storeId);
  });
  return { storeId, epoch };
}
