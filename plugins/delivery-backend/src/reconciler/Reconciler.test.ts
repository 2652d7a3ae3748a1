import { mockServices } from '@backstage/backend-test-utils';
import { until } from '../__testUtils__/until';
import type { ProvisioningProblem } from '../errors';
import { Reconciler } from './Reconciler';
import type { RoundResult } from './reconcile';

const FINE: RoundResult = {
  generation: 7,
  changed: false,
  problems: new Map(),
  refusedProblems: new Map(),
};

describe('Reconciler', () => {
  let reconciler: Reconciler | undefined;
  afterEach(() => reconciler?.stop());

  function start(
    round: () => Promise<RoundResult>,
    options: { intervalMs?: number } = {},
  ) {
    const logger = mockServices.logger.mock();
    reconciler = new Reconciler({
      round,
      logger,
      intervalMs: options.intervalMs ?? 1_000_000,
      random: () => 0,
    });
    reconciler.start();
    return { reconciler, logger };
  }

  it('does a round at start, at each interval and when triggered', async () => {
    let rounds = 0;
    const round = async () => {
      rounds += 1;
      return FINE;
    };
    start(round, { intervalMs: 5 });
    await until(() => rounds >= 3);
    await reconciler?.stop();

    rounds = 0;
    start(round);
    await until(() => rounds === 1);
    reconciler?.trigger();
    await until(() => rounds === 2);
    expect(reconciler?.status().failedRounds).toBe(0);
  });

  it('takes a trigger in the middle of a round as a wish for another one, and never overlaps', async () => {
    let rounds = 0;
    let running = 0;
    let finish = () => {};
    start(async () => {
      rounds += 1;
      running += 1;
      expect(running).toBe(1);
      await new Promise<void>(resolve => {
        finish = resolve;
      });
      running -= 1;
      return FINE;
    });
    await until(() => rounds === 1);
    reconciler?.trigger();
    reconciler?.trigger();
    finish();
    await until(() => rounds === 2);
    finish();
    await until(() => running === 0);
    expect(rounds).toBe(2);
  });

  it('backs off while rounds fail, tells so once, and recovers', async () => {
    let failing = true;
    let rounds = 0;
    const { logger } = start(async () => {
      rounds += 1;
      if (failing) throw new Error('no broker');
      return FINE;
    });
    await until(() => rounds >= 3);
    expect(reconciler?.status()).toMatchObject({
      lastRoundAt: undefined,
      message: 'no broker',
      failing: [],
    });
    expect(reconciler?.status().failedRounds).toBeGreaterThanOrEqual(2);
    expect(logger.warn).toHaveBeenCalledTimes(1);

    failing = false;
    reconciler?.trigger();
    await until(() => reconciler?.generation() === 7);
    expect(reconciler?.status()).toMatchObject({
      lastRoundAt: expect.any(String),
      failedRounds: 0,
      message: undefined,
    });
    expect(logger.info).toHaveBeenCalledWith('Delivery is reconciled again');
  });

  it('looks again soon while a type waits for gateways', async () => {
    const problem: ProvisioningProblem = {
      code: 'awaiting_gateways',
      message: 'wait',
    };
    let rounds = 0;
    start(async () => {
      rounds += 1;
      return rounds === 1
        ? { ...FINE, problems: new Map([['github.push', problem]]) }
        : FINE;
    });
    await until(() => rounds === 1);
    expect(reconciler?.problemOf('github.push')).toBe(problem);
    expect(reconciler?.status().failing).toEqual([
      { eventType: 'github.push', message: 'wait' },
    ]);
    await until(() => rounds === 2);
    expect(reconciler?.problemOf('github.push')).toBeUndefined();
  });

  it('stops only after the round that is running', async () => {
    let finish = () => {};
    let hasEnded = false;
    let hasBegun = false;
    start(async () => {
      hasBegun = true;
      await new Promise<void>(resolve => {
        finish = resolve;
      });
      hasEnded = true;
      return FINE;
    });
    await until(() => hasBegun);
    const stopped = reconciler!.stop();
    finish();
    await stopped;
    expect(hasEnded).toBe(true);
  });
});
