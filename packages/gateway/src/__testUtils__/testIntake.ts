import { Clock, createReceiveClock, systemClock } from '../clock';
import { createAccess, DEFAULT_ACCESS_LIMITS } from '../access';
import { FairTurns, Intake, Pacer, Recognizer } from '../intake';
import { BucketBook } from '../lifecycle';
import { createGatewayMetrics } from '../metrics';
import { DEFAULT_LIMITS, GatewayLimits } from '../options';
import {
  Broker,
  createEventPublisher,
  createRefusedPublisher,
} from '../publishing';
import { compiledSnapshot } from './compiledSnapshot';
import { silentLogger } from './fixtures';

/** An intake with everything real but the broker and, if wanted, the clock. */
export function createTestIntake(options: {
  broker: Broker;
  clock?: Clock;
  limits?: Partial<GatewayLimits>;
  isBrokerAway?: () => boolean;
}): Intake & { book: BucketBook } {
  const { broker, clock = systemClock } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const receiveClock = createReceiveClock(clock);
  const book = new BucketBook(receiveClock, new Date(receiveClock.now()));
  const snapshot = compiledSnapshot();
  book.setBucketSeconds(snapshot.bucketSeconds);
  const metrics = createGatewayMetrics({
    generation: () => snapshot.generation,
    refusedSnapshots: () => 0,
    inFlightBytes: () => 0,
    isBrokerOk: () => true,
    clockAheadMs: () => 0,
  });
  const publishing = {
    gateway: 'g1',
    epoch: 'e1',
    broker,
    clock,
    limits,
    logger: silentLogger,
    metrics,
  };
  return {
    limits,
    book,
    access: createAccess({
      snapshot: () => snapshot,
      clock: receiveClock,
      limits: {
        ...DEFAULT_ACCESS_LIMITS,
        failedAuthenticationsPerSecondPerAddress: 1_000,
      },
    }),
    metrics,
    recognizer: new Recognizer(),
    pacer: new Pacer(),
    turns: new FairTurns(),
    snapshot: () => snapshot,
    isBrokerAway: () => options.isBrokerAway?.() ?? false,
    stamp: () => book.stamp(),
    events: createEventPublisher({ ...publishing, book }),
    refusals: createRefusedPublisher(publishing),
  };
}
