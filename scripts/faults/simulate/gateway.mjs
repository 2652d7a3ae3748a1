import { crc32 } from 'node:zlib';
import { BucketBook, createReceiveClock, Declarer } from './rooms.mjs';
import { BUCKET_SECONDS, TYPES } from './estate.mjs';

const LEASE_MS = 15_000;
/** A publish that was given up may be committed until then. */
const LATE_MS = 10_000;

/**
 * One gateway and its lives. The books, the declarations and the receive clock
 * are the real ones; requests, publishing and heartbeats are modelled.
 */
export function createGateway(world, name) {
  let life;
  let lives = 0;
  const clock = {
    now: () => Math.round(world.now + gateway.offsetMs),
    steadyMs: () => world.now,
    schedule: () => () => {},
  };

  const gateway = {
    name,
    offsetMs: 0,

    start() {
      lives += 1;
      // With a wrong clock and no ledger to ask it would begin years ahead, and
      // its events be due then: see the docs.
      if (!world.isLedgerUp) gateway.offsetMs = 0;
      const receiveClock = createReceiveClock(clock);
      if (world.isLedgerUp) receiveClock.compare(world.now, 0);
      const startedAt = new Date(receiveClock.now());
      const book = new BucketBook(receiveClock, startedAt);
      book.setBucketSeconds(BUCKET_SECONDS);
      life = {
        epoch: `${name}-${lives}`,
        receiveClock,
        startedAt,
        book,
        open: [],
        onTheirWay: [],
        isReachable: true,
        /** The ledger has known it, without a gap, since it began. */
        isKnown: false,
        hasLapsed: false,
        isStopping: false,
      };
      life.declarer = new Declarer(book, {
        declare: async declaration => {
          if (!world.isLedgerUp || !life.isReachable) throw away();
          world.ledger.declareBucket({
            gateway: name,
            epoch: life.epoch,
            ...declaration,
          });
          world.tell(
            `${life.epoch} declares ${declaration.bucket.start.toISOString()}`,
          );
          // It has been written; the gateway does not hear of it.
          if (!world.isQuiet && world.chance(0.05)) throw away();
        },
      });
      world.tell(`${life.epoch} starts`);
      gateway.beat();
    },

    /** The heartbeat, which goes on by itself while time passes. */
    beat() {
      const known = world.ledger.gateways.get(`${name} ${life.epoch}`);
      if (!known || known.leaseExpiresAt <= world.now) {
        life.hasLapsed = life.hasLapsed || known !== undefined;
      }
      if (!world.isLedgerUp || !life.isReachable) return;
      world.ledger.heartbeatGateway({
        gateway: name,
        epoch: life.epoch,
        startedAt: life.startedAt,
        leaseMs: LEASE_MS,
      });
      life.receiveClock.compare(world.now, 0);
      // Nothing may have been closed before the ledger heard of it.
      if (!known) life.isKnown = world.now - life.startedAt.getTime() < 1_000;
    },

    receive() {
      if (life.isStopping) return;
      const { bucket } = life.book.stamp();
      const type = world.pick(TYPES);
      const batch = { type, bucket, keys: [] };
      life.book.hold(bucket);
      for (let n = 0; n < 1 + world.random.next() * 3; n += 1) {
        batch.keys.push(gateway.nextKey(type));
      }
      life.open.push(batch);
    },

    /** A new event, or one that was sent before. */
    nextKey(type) {
      const again = world.unanswered.findIndex(each => each.type === type);
      if (again >= 0 && world.chance(0.5)) {
        return world.unanswered.splice(again, 1)[0].key;
      }
      if (world.chance(0.3) && world.promised.get(type).size > 0) {
        return world.pick([...world.promised.get(type)]);
      }
      world.nextEvent += 1;
      return `e${world.nextEvent}`;
    },

    publishSome() {
      if (life.open.length > 0 && world.chance(0.5)) {
        const batch = life.open.shift();
        batch.number = life.book.nextBatch(batch.bucket, batch.type);
        life.onTheirWay.push(batch);
        return;
      }
      if (life.onTheirWay.length === 0) return;
      const at = Math.floor(world.random.next() * life.onTheirWay.length);
      const [batch] = life.onTheirWay.splice(at, 1);
      gateway.finish(batch, world.random.next());
    },

    /** The broker commits, or not, and the gateway hears of it, or not. */
    finish(batch, luck) {
      const { book, epoch } = life;
      const isCommitted = luck < 0.9;
      const isConfirmed = luck < 0.8;
      if (isCommitted) {
        commit(batch, epoch);
      } else if (luck < 0.95) {
        // The message is still under way when the gateway gives up.
        const until = world.now + LATE_MS * world.random.next();
        late.push({ batch, epoch, until });
      }
      if (isConfirmed) {
        confirm(batch);
      } else {
        batch.keys.forEach(key =>
          world.unanswered.push({ type: batch.type, key }),
        );
      }
      book.settle(batch.bucket, {
        eventType: batch.type,
        batch: batch.number,
        events: batch.keys.length,
        // What the body is stands for its checksum.
        crc: crc32(batch.keys.join()),
        isConfirmed,
      });
      for (const each of late.splice(0)) {
        if (world.now <= each.until && !world.isQuiet && world.chance(0.5)) {
          late.push(each);
        } else {
          commit(each.batch, each.epoch);
        }
      }
    },

    async declare() {
      await life.declarer.run().catch(() => {});
    },

    /** The network to the ledger fails, or works again. */
    part() {
      life.isReachable = !life.isReachable;
      world.tell(
        `${life.epoch} ${life.isReachable ? 'reaches' : 'loses'} the ledger`,
      );
    },

    crash() {
      world.tell(`${life.epoch} is killed`);
      // What was on its way may have got to the broker; nobody was told.
      for (const batch of life.onTheirWay) {
        if (world.chance(0.5)) commit(batch, life.epoch);
      }
      for (const batch of [...life.open, ...life.onTheirWay]) {
        batch.keys.forEach(key =>
          world.unanswered.push({ type: batch.type, key }),
        );
      }
      late.splice(0).forEach(({ batch, epoch }) => commit(batch, epoch));
      gateway.start();
    },

    /** The farewell: it finishes what it has, declares it and goes. */
    async stop() {
      life.isStopping = true;
      life.book.close();
      gateway.publishAll();
      await gateway.declare();
      if (world.isLedgerUp && life.isReachable) {
        world.ledger.endGateway({
          gateway: name,
          epoch: life.epoch,
          endedAt: new Date(life.receiveClock.now()),
        });
      }
      world.tell(`${life.epoch} has stopped`);
      gateway.start();
    },

    publishAll() {
      for (const batch of life.open.splice(0)) {
        batch.number = life.book.nextBatch(batch.bucket, batch.type);
        life.onTheirWay.push(batch);
      }
      life.onTheirWay.splice(0).forEach(batch => gateway.finish(batch, 0));
    },

    async settle() {
      life.isReachable = true;
      gateway.publishAll();
      late.splice(0).forEach(({ batch, epoch }) => commit(batch, epoch));
    },
  };
  const late = [];

  function commit(batch, epoch) {
    world.broker.get(batch.type).push({
      id: world.nextMessage++,
      header: {
        gateway: name,
        epoch,
        eventType: batch.type,
        schemaVersion: 1,
        bucket: batch.bucket,
        batch: batch.number,
        events: batch.keys.length,
        bytes: 1,
      },
      keys: batch.keys,
      publishedAt: world.now + world.brokerOffsetMs,
      isAcknowledged: false,
    });
  }

  function confirm(batch) {
    batch.keys.forEach(key => world.promised.get(batch.type).add(key));
    if (!life.isKnown || life.hasLapsed) return;
    const key = `${batch.type} ${batch.bucket.start.getTime()}`;
    if (world.ledger.partitions.has(key)) {
      world.fail(
        `a bucket of ${batch.type} was closed while ${life.epoch}, which the ledger knows, published to it`,
      );
    }
    world.confirmed.set(key, [
      ...(world.confirmed.get(key) ?? []),
      { gateway: name, epoch: life.epoch, batch: batch.number },
    ]);
  }
  return gateway;
}

const away = () => new Error('the ledger is away');
