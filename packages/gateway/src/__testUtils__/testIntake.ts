import { Clock, createReceiveClock, systemClock } from '../clock';
import { Intake } from '../intake';
import { BucketBook } from '../lifecycle';
import { DEFAULT_LIMITS, GatewayLimits } from '../options';
import {
  Broker,
  createEventPublisher,
  createRefusedPublisher,
} from '../publishing';
import { compileSnapshot } from '../snapshot/compileSnapshot';
import { createSnapshot, silentLogger } from './fixtures';

/** An intake with everything real but the broker and, if wanted, the clock. */
export function createTestIntake(options: {
  broker: Broker;
  clock?: Clock;
  limits?: Partial<GatewayLimits>;
}): Intake & { book: BucketBook } {
  const { broker, clock = systemClock } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const receiveClock = createReceiveClock(clock);
  const book = new BucketBook(receiveClock, new Date(receiveClock.now()));
  const snapshot = compileSnapshot(createSnapshot(), undefined, () => {});
  book.setBucketSeconds(snapshot.bucketSeconds);
  const publishing = {
    gateway: 'g1',
    epoch: 'e1',
    broker,
    clock,
    limits,
    logger: silentLogger,
  };
  return {
    limits,
    book,
    snapshot: () => snapshot,
    stamp: () => book.stamp(),
    events: createEventPublisher({ ...publishing, book }),
    refusals: createRefusedPublisher(publishing),
  };
}
