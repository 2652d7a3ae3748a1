import { type UntypedServiceImplementation } from '@grpc/grpc-js';
import { type protos } from '@google-cloud/pubsub';
import { type MessageBroker, checkSnapshotExpiry } from '../delivery';
import { invalidArgument } from '../errors';
import { type BrokerLogger } from '../logger';
import { type StoredSnapshot } from '../store';
import { millisecondsOf, timestampOf } from './durations';
import { type UnaryHandler, unary } from './handlers';
import { parseProject, parseResourceName } from './names';
import { pageOf } from './paging';
import { type UpdateRules, applyUpdate } from './updateMask';

type Snapshot = protos.google.pubsub.v1.ISnapshot;

const updateRules: UpdateRules<Snapshot> = {
  resource: 'Snapshot',
  mutable: ['labels', 'expireTime'],
  immutable: ['name', 'topic'],
  unserved: [],
};

/** The methods of `google.pubsub.v1.Subscriber` for snapshots and seek. */
export function createSnapshotHandlers(options: {
  broker: MessageBroker;
  logger: BrokerLogger;
}): UntypedServiceImplementation {
  const { broker, logger } = options;
  const { registry, replay } = broker;
  const nameOf = (name: string | null | undefined) =>
    parseResourceName('snapshots', name);

  const createSnapshot: UnaryHandler<
    protos.google.pubsub.v1.ICreateSnapshotRequest,
    Snapshot
  > = async ({ name, subscription, labels }) =>
    asSnapshot(
      await replay.createSnapshot(
        nameOf(name),
        parseResourceName('subscriptions', subscription),
        labels ?? {},
      ),
    );

  const getSnapshot: UnaryHandler<
    protos.google.pubsub.v1.IGetSnapshotRequest,
    Snapshot
  > = ({ snapshot }) => asSnapshot(registry.snapshot(nameOf(snapshot)));

  const listSnapshots: UnaryHandler<
    protos.google.pubsub.v1.IListSnapshotsRequest,
    protos.google.pubsub.v1.IListSnapshotsResponse
  > = request => {
    const prefix = parseProject('snapshots', request.project);
    const stored = registry
      .snapshots()
      .filter(({ name }) => name.startsWith(prefix));
    const page = pageOf(stored, ({ name }) => name, request);
    return {
      snapshots: page.items.map(asSnapshot),
      nextPageToken: page.nextPageToken,
    };
  };

  const updateSnapshot: UnaryHandler<
    protos.google.pubsub.v1.IUpdateSnapshotRequest,
    Snapshot
  > = async request => {
    const update = request.snapshot ?? {};
    const stored = registry.snapshot(nameOf(update.name));
    const { labels, expireTime } = applyUpdate(
      asSnapshot(stored),
      update,
      request.updateMask,
      updateRules,
    );
    if (!expireTime) {
      throw invalidArgument('expire_time must be set');
    }
    const expiresAtMs = millisecondsOf(expireTime);
    checkSnapshotExpiry(stored, expiresAtMs);
    return asSnapshot(
      await registry.updateSnapshot(stored.name, {
        labels: labels ?? {},
        expiresAtMs,
      }),
    );
  };

  const deleteSnapshot: UnaryHandler<
    protos.google.pubsub.v1.IDeleteSnapshotRequest,
    object
  > = async ({ snapshot }) => {
    await registry.deleteSnapshot(nameOf(snapshot));
    return {};
  };

  const seek: UnaryHandler<
    protos.google.pubsub.v1.ISeekRequest,
    object
  > = async ({ subscription, time, snapshot }) => {
    const name = parseResourceName('subscriptions', subscription);
    if (snapshot) {
      await replay.seekToSnapshot(name, nameOf(snapshot));
    } else if (time) {
      await replay.seekToTime(name, millisecondsOf(time));
    } else {
      throw invalidArgument('A seek names a time or a snapshot');
    }
    return {};
  };

  return {
    CreateSnapshot: unary(logger, createSnapshot),
    GetSnapshot: unary(logger, getSnapshot),
    ListSnapshots: unary(logger, listSnapshots),
    UpdateSnapshot: unary(logger, updateSnapshot),
    DeleteSnapshot: unary(logger, deleteSnapshot),
    Seek: unary(logger, seek),
  };
}

function asSnapshot(stored: StoredSnapshot): Snapshot {
  return {
    name: stored.name,
    topic: stored.topic,
    labels: stored.labels,
    expireTime: timestampOf(stored.expiresAtMs),
  };
}
