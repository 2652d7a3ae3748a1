/**
 * The ledger as delivery sees it, in memory: one method per operation of
 * `@millrace/ledger`, with its arguments and its answers. `modelCheck.mjs` runs
 * random histories through both, so that the simulator's ledger cannot drift
 * from the real one.
 *
 * Times are Dates, as in the real operations. Where an operation takes the time
 * of the database, the model takes `dbNow`.
 */
export class LedgerModel {
  constructor({ dbNow = () => new Date() } = {}) {
    this.dbNow = dbNow;
    this.gateways = new Map();
    this.declarations = new Map();
    this.staged = new Map();
    this.partitions = new Map();
    this.leases = new Map();
    /** By type, oldest first. */
    this.idFiles = new Map();
    this.nextIdFile = 0;
    this.types = new Map();
    this.bucketSeconds = 60;
    this.nextPartitionId = 1;
  }

  provision(eventType, provisionedAt) {
    this.types.set(eventType, provisionedAt.getTime());
  }

  heartbeatGateway({ gateway, epoch, startedAt, leaseMs, now }) {
    const key = `${gateway} ${epoch}`;
    const at = (now ?? this.dbNow()).getTime();
    const known = this.gateways.get(key);
    this.gateways.set(key, {
      gateway,
      epoch,
      startedAt: known?.startedAt ?? startedAt.getTime(),
      leaseExpiresAt: Math.max(
        known?.leaseExpiresAt ?? -Infinity,
        at + leaseMs,
      ),
      endedAt: known?.endedAt,
    });
  }

  endGateway({ gateway, epoch, endedAt }) {
    const life = this.gateways.get(`${gateway} ${epoch}`);
    if (life) life.endedAt ??= endedAt.getTime();
  }

  declareBucket({ gateway, epoch, bucket, counts }) {
    this.declarations.set(
      `${gateway} ${epoch} ${bucket.start.getTime()}`,
      new Map(counts.map(count => [count.eventType, { ...count }])),
    );
  }

  /** A batch lands in its bucket, or when that is closed in the next open one. */
  recordStagedBatches({ batches, now: told }) {
    const now = new Date(Math.min(told.getTime(), this.dbNow().getTime()));
    const held = batches.map(batch => {
      const key = batchKey(batch.header);
      const known = this.staged.get(key);
      if (known)
        return { key, isNew: false, isSame: isSamePlace(known, batch) };
      this.staged.set(key, {
        header: batch.header,
        stagedFile: batch.stagedFile,
        offsetBytes: batch.offsetBytes,
        lengthBytes: batch.lengthBytes,
        publishedAt: batch.publishedAt,
        landing: this.#landingOf(batch.header, now),
        partition: undefined,
        isConsumed: false,
      });
      return { key, isNew: true, isSame: true };
    });
    const tainted = new Set(
      batches
        .filter((_, at) => !held[at].isSame)
        .map(({ stagedFile }) => stagedFile),
    );
    const setAside = batches.filter(
      ({ stagedFile }, at) => tainted.has(stagedFile) && held[at].isNew,
    );
    batches.forEach((batch, at) => {
      if (setAside.includes(batch)) this.staged.delete(held[at].key);
    });
    const duplicates = held.filter(({ isSame }) => !isSame).length;
    return {
      recorded: batches.length - duplicates - setAside.length,
      duplicates,
      setAside,
    };
  }

  #landingOf({ eventType, bucket }, now) {
    const length = bucket.seconds * 1_000;
    const isClosed = start => this.partitions.has(`${eventType} ${start}`);
    if (!isClosed(bucket.start.getTime())) return bucket.start.getTime();
    let start = Math.max(
      bucket.start.getTime(),
      Math.floor(now.getTime() / length) * length,
    );
    while (isClosed(start)) start += length;
    return start;
  }

  classifyStagedFiles({ paths }) {
    return new Map(
      paths.map(path => {
        const inFile = [...this.staged.values()].filter(
          ({ stagedFile }) => stagedFile === path,
        );
        if (inFile.length === 0) return [path, 'unknown'];
        return [
          path,
          inFile.every(({ isConsumed }) => isConsumed) ? 'consumed' : 'needed',
        ];
      }),
    );
  }

  /** What is due, without an order but that of unfinished ones first. */
  listBucketsToClose({ now, graceMs }) {
    const dueBefore = now.getTime() - graceMs;
    const length = this.bucketSeconds * 1_000;
    const due = new Map();
    const add = (eventType, start, isSealing) => {
      const key = `${eventType} ${start}`;
      due.set(key, {
        eventType,
        bucket: { start: new Date(start), seconds: this.bucketSeconds },
        isSealing: isSealing || due.get(key)?.isSealing === true,
      });
    };
    for (const { eventType, start, state } of this.partitions.values()) {
      if (state === 'sealing') add(eventType, start, true);
    }
    for (const batch of this.staged.values()) {
      const { header, landing, isConsumed, partition } = batch;
      if (!isConsumed && !partition && landing + length <= dueBefore) {
        add(header.eventType, landing, false);
      }
    }
    for (const life of this.gateways.values()) {
      const until = life.endedAt ?? life.leaseExpiresAt;
      const since = Math.max(life.startedAt, Math.min(...this.types.values()));
      let start = Math.floor(since / length) * length;
      for (; start < until && start + length <= dueBefore; start += length) {
        for (const [eventType, provisionedAt] of this.types) {
          if (
            start + length > provisionedAt &&
            !this.partitions.has(`${eventType} ${start}`)
          ) {
            add(eventType, start, false);
          }
        }
      }
    }
    return [...due.values()].sort(
      (one, other) =>
        Number(other.isSealing) - Number(one.isSealing) ||
        one.bucket.start - other.bucket.start ||
        (one.eventType < other.eventType ? -1 : 1),
    );
  }

  /** What the rule of closing asks for. */
  readClosingInputs({ eventType, bucket }) {
    const start = bucket.start.getTime();
    const end = start + bucket.seconds * 1_000;
    const lives = new Map();
    const lifeOf = (gateway, epoch) => {
      const key = `${gateway} ${epoch}`;
      if (!lives.has(key)) lives.set(key, { gateway, epoch, batches: [] });
      return lives.get(key);
    };
    for (const life of this.gateways.values()) {
      if (
        life.startedAt < end &&
        (life.endedAt ?? life.leaseExpiresAt) > start
      ) {
        lifeOf(life.gateway, life.epoch);
      }
    }
    for (const key of this.declarations.keys()) {
      const [gateway, epoch, declaredStart] = key.split(' ');
      if (Number(declaredStart) === start) lifeOf(gateway, epoch);
    }
    for (const { header, publishedAt } of this.staged.values()) {
      if (
        header.eventType === eventType &&
        header.bucket.start.getTime() === start
      ) {
        lifeOf(header.gateway, header.epoch).batches.push({
          ...header,
          publishedAt,
        });
      }
    }
    const gateways = [...lives.values()].map(life =>
      this.#describeLife(life, eventType, start, end),
    );
    return {
      gateways: gateways.sort(
        (one, other) =>
          compareText(one.gateway, other.gateway) ||
          one.startedAt - other.startedAt ||
          compareText(one.epoch, other.epoch),
      ),
      readAt: this.dbNow(),
    };
  }

  #describeLife({ gateway, epoch, batches }, eventType, start, end) {
    const known = this.gateways.get(`${gateway} ${epoch}`);
    const declaration = this.declarations.get(`${gateway} ${epoch} ${start}`);
    const declared = declaration?.get(eventType);
    const published = batches.map(batch => batch.publishedAt.getTime());
    const numbers = new Set(batches.map(({ batch }) => batch));
    const lastStaged = Math.max(0, ...numbers);
    const lastBatch = declaration ? declared?.lastBatch ?? 0 : lastStaged;
    const abandonedBatches = declared?.abandonedBatches ?? [];
    return {
      gateway,
      epoch,
      registered: known !== undefined,
      startedAt: new Date(
        known?.startedAt ??
          (published.length > 0 ? Math.min(...published) : start),
      ),
      endedAt:
        known?.endedAt === undefined ? undefined : new Date(known.endedAt),
      leaseExpiresAt: new Date(
        known?.leaseExpiresAt ??
          (published.length > 0 ? Math.max(...published) : end),
      ),
      declared: declaration !== undefined,
      lastBatch,
      abandonedBatches,
      declaredEvents: declared?.events ?? 0,
      stagedBatches: batches.length,
      stagedEvents: batches.reduce((sum, { events }) => sum + events, 0),
      poisonBatches: [],
      missingBatches: Array.from({ length: lastBatch }, (_, at) => at + 1)
        .filter(number => !numbers.has(number))
        .filter(number => !abandonedBatches.includes(number)),
    };
  }

  claimLease({ resource, holder, leaseMs }) {
    const now = this.dbNow().getTime();
    const lease = this.leases.get(resource);
    if (lease && lease.expiresAt > now && lease.holder !== holder) {
      return undefined;
    }
    const fencingToken = (lease?.fencingToken ?? 0n) + 1n;
    this.leases.set(resource, {
      holder,
      fencingToken,
      expiresAt: now + leaseMs,
    });
    return { fencingToken };
  }

  renewLease({ resource, fencingToken, leaseMs }) {
    const lease = this.leases.get(resource);
    if (lease?.fencingToken !== fencingToken) return false;
    lease.expiresAt = this.dbNow().getTime() + leaseMs;
    return true;
  }

  releaseLease({ resource, fencingToken }) {
    const lease = this.leases.get(resource);
    if (lease?.fencingToken === fencingToken) {
      lease.expiresAt = this.dbNow().getTime();
    }
  }

  /** Freezes what has landed. @throws ModelError */
  beginSealing({ eventType, bucket, fencingToken, decision }) {
    this.#assertFence(eventType, fencingToken);
    const start = bucket.start.getTime();
    const key = `${eventType} ${start}`;
    let partition = this.partitions.get(key);
    if (!partition) {
      partition = {
        id: String(this.nextPartitionId++),
        eventType,
        start,
        state: 'sealing',
        decision,
      };
      this.partitions.set(key, partition);
      for (const batch of this.staged.values()) {
        if (
          batch.header.eventType === eventType &&
          batch.landing === start &&
          batch.partition === undefined &&
          !batch.isConsumed
        ) {
          batch.partition = partition.id;
        }
      }
    } else if (partition.state !== 'sealing') {
      throw new ModelError('partition_already_sealed');
    }
    return {
      partitionId: partition.id,
      revision: 1,
      stagedFiles: this.#frozenIn(partition.id).map(batch => ({
        path: batch.stagedFile,
        offsetBytes: batch.offsetBytes,
        lengthBytes: batch.lengthBytes,
        header: batch.header,
        publishedAt: batch.publishedAt,
      })),
    };
  }

  #frozenIn(partitionId) {
    return [...this.staged.values()]
      .filter(({ partition }) => partition === partitionId)
      .sort(
        (one, other) =>
          compareText(one.stagedFile, other.stagedFile) ||
          one.offsetBytes - other.offsetBytes,
      );
  }

  /** @throws ModelError */
  beginPublishing({ partitionId, fencingToken }) {
    const all = [...this.partitions.values()];
    const partition = all.find(({ id }) => id === partitionId);
    if (!partition) throw new ModelError('partition_not_found');
    this.#assertFence(partition.eventType, fencingToken);
    const isAnother = all.some(
      ({ id, eventType, state, isPublishing }) =>
        id !== partitionId &&
        eventType === partition.eventType &&
        state === 'sealing' &&
        isPublishing,
    );
    if (isAnother) throw new ModelError('another_partition_is_publishing');
    partition.isPublishing = true;
  }

  listIdFiles({ eventType }) {
    const files = this.idFiles.get(eventType) ?? [];
    return {
      files: files.map(({ path, rows }) => ({ path, rows })),
      seenThrough: String(files.at(-1)?.number ?? 0),
    };
  }

  /** @throws ModelError */
  commitPartition({ partitionId, fencingToken, counts, manifest, ids }) {
    const partition = [...this.partitions.values()].find(
      ({ id }) => id === partitionId,
    );
    if (!partition) throw new ModelError('partition_not_found');
    this.#assertFence(partition.eventType, fencingToken);
    if (partition.state === 'sealed') {
      if (partition.manifestSha256 === manifest?.sha256) return;
      throw new ModelError('partition_already_sealed');
    }
    const frozen = this.#frozenIn(partitionId);
    const events = frozen.reduce((sum, { header }) => sum + header.events, 0);
    const { accepted, delivered, duplicates, refused } = counts;
    if (
      accepted !== delivered + duplicates + refused ||
      accepted !== events ||
      delivered !== (ids?.rows ?? 0)
    ) {
      throw new ModelError('counts_do_not_balance');
    }
    if (ids) {
      const files = this.idFiles.get(partition.eventType) ?? [];
      if (files.some(({ number }) => number > Number(ids.seenThrough))) {
        throw new ModelError('event_ids_not_seen');
      }
      this.nextIdFile += 1;
      files.push({ number: this.nextIdFile, path: ids.path, rows: ids.rows });
      this.idFiles.set(partition.eventType, files);
    }
    Object.assign(partition, {
      state: 'sealed',
      manifestSha256: manifest?.sha256,
      counts,
    });
    for (const batch of frozen) batch.isConsumed = true;
  }

  getPartition({ eventType, bucketStart }) {
    const partition = this.partitions.get(
      `${eventType} ${bucketStart.getTime()}`,
    );
    return (
      partition && { state: partition.state, decision: partition.decision }
    );
  }

  #assertFence(eventType, fencingToken) {
    const lease = this.leases.get(`seal:${eventType}`);
    if (lease?.fencingToken !== fencingToken) {
      throw new ModelError('fencing_token_stale');
    }
  }
}

/** With the code of the real operation's error. */
export class ModelError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function batchKey({ eventType, bucket, gateway, epoch, batch }) {
  return [eventType, bucket.start.getTime(), gateway, epoch, batch].join(' ');
}

const isSamePlace = (known, { stagedFile, offsetBytes }) =>
  known.stagedFile === stagedFile && known.offsetBytes === offsetBytes;

const compareText = (one, other) => {
  if (one === other) return 0;
  return one < other ? -1 : 1;
};
