import {
  hashWriteKeySecret,
  parseWriteKey,
  type SnapshotWriteKey,
} from '@millrace/ledger';
import { ANY_KEY, REFUND_KEY, STRANGER_KEY } from '../__testUtils__/fixtures';
import { ManualClock } from '../__testUtils__/manualClock';
import { RequestError } from '../errors';
import type { GatewaySnapshot } from '../snapshot';
import { createAccess } from './access';
import type { Credentials } from './credentials';
import { KeyCheck } from './keyCheck';
import type { KeyUse } from './keyUse';
import { AccessLimits, DEFAULT_ACCESS_LIMITS } from './limits';

const HERE = '192.0.2.1';

function keyOf(
  text: string,
  settings: Partial<SnapshotWriteKey> = {},
): SnapshotWriteKey {
  const { keyId, secret } = parseWriteKey(text)!;
  return {
    keyId,
    secretHash: hashWriteKeySecret(secret),
    kind: 'server',
    ...settings,
  };
}

function snapshotOf(...keys: SnapshotWriteKey[]): GatewaySnapshot {
  return {
    generation: 1,
    bucketSeconds: 60,
    eventTypes: new Map(),
    writeKeys: new Map(keys.map(key => [key.keyId, key])),
  };
}

function start(
  keys: SnapshotWriteKey[] | undefined,
  limits: Partial<AccessLimits> = {},
) {
  const clock = new ManualClock();
  let snapshot = keys && snapshotOf(...keys);
  const access = createAccess({
    snapshot: () => snapshot,
    clock,
    limits: { ...DEFAULT_ACCESS_LIMITS, ...limits },
  });
  return {
    clock,
    access,
    adopt: (...next: SnapshotWriteKey[]) => {
      snapshot = snapshotOf(...next);
    },
    /** The reason for which it is refused, or `taken`. */
    judge(credentials: Credentials, address = HERE) {
      try {
        access.authenticate(credentials, address);
        return 'taken';
      } catch (error) {
        return refusal(error).reason;
      }
    },
    uses: async () => {
      const reported: KeyUse[] = [];
      await access.report(async uses => {
        reported.push(...uses);
      });
      return reported;
    },
  };
}

function refusal(error: unknown): RequestError {
  expect(error).toBeInstanceOf(RequestError);
  return error as RequestError;
}

function refusalOf(run: () => void): RequestError {
  try {
    run();
  } catch (error) {
    return refusal(error);
  }
  throw new Error('It was let through');
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const basic = (key: string) => ({
  authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
});

const WAYS: Record<string, (key: string) => Credentials> = {
  'a Bearer token': bearer,
  'the user name of Basic': basic,
  'X-Write-Key': key => ({ header: key }),
  'the body': key => ({ body: key }),
  'the query': key => ({ query: key }),
  'X-Write-Key, beside the credentials of a proxy': key => ({
    authorization: 'Negotiate abc',
    header: key,
  }),
};

/** A key in each state it can be in, as the snapshot has it. */
const STATES: Record<string, SnapshotWriteKey[]> = {
  live: [keyOf(ANY_KEY)],
  'live, of a browser': [
    keyOf(ANY_KEY, { kind: 'browser', eventTypes: ['shop.order'] }),
  ],
  'about to expire': [keyOf(ANY_KEY, { expiresAt: '2026-11-21T12:59:56Z' })],
  expired: [keyOf(ANY_KEY, { expiresAt: '2026-11-21T12:59:55Z' })],
  'revoked or never there': [],
  'there with another secret': [
    keyOf(ANY_KEY, { secretHash: hashWriteKeySecret('x'.repeat(32)) }),
  ],
};

describe('a write key', () => {
  const TAKEN = ['live', 'live, of a browser', 'about to expire'];
  const matrix = Object.keys(STATES).flatMap(state =>
    Object.keys(WAYS).map(way => {
      const isTaken =
        TAKEN.includes(state) &&
        (way !== 'the query' || state === 'live, of a browser');
      return [state, way, isTaken ? 'taken' : 'invalid_write_key'] as const;
    }),
  );

  it.each(matrix)('that is %s, sent as %s: %s', (state, way, expected) => {
    const { judge } = start(STATES[state]);
    // The first is proved, the second remembered; both must agree.
    expect(judge(WAYS[way](ANY_KEY))).toBe(expected);
    expect(judge(WAYS[way](ANY_KEY))).toBe(expected);
  });

  it.each<[string, Credentials, string]>([
    ['nothing', {}, 'missing_write_key'],
    ['an empty token', { authorization: 'Bearer ' }, 'missing_write_key'],
    ['another scheme', { authorization: 'Digest x' }, 'missing_write_key'],
    ['a typo', bearer(`${ANY_KEY.slice(0, -1)}x`), 'invalid_write_key'],
    ['too much', bearer(`${ANY_KEY}x`), 'invalid_write_key'],
    ['a key of nobody', bearer(STRANGER_KEY), 'invalid_write_key'],
    [
      'the id of a good key with another secret',
      bearer(ANY_KEY.replace('AllTypesAll', 'NoTypesAtAl')),
      'invalid_write_key',
    ],
    [
      'a look-alike of another alphabet',
      bearer(ANY_KEY.replace('AllTypes', 'АllTypes')),
      'invalid_write_key',
    ],
  ])('is not %s', (_what, credentials, reason) => {
    const { access, judge } = start([keyOf(ANY_KEY)]);
    access.authenticate(bearer(ANY_KEY), HERE);
    expect(judge(credentials)).toBe(reason);
    expect(judge(bearer(ANY_KEY))).toBe('taken');
  });

  it('is nothing to judge before there is a snapshot', () => {
    expect(start(undefined).judge(bearer(ANY_KEY))).toBe('not_ready');
  });

  it('works from the snapshot that has it and ends with the one that has not, at once', () => {
    const { judge, adopt } = start([keyOf(REFUND_KEY)]);
    for (let turn = 0; turn < 3; turn++) {
      expect(judge(bearer(ANY_KEY))).toBe('invalid_write_key');
      adopt(keyOf(REFUND_KEY), keyOf(ANY_KEY));
      expect(judge(bearer(ANY_KEY))).toBe('taken');
      adopt(keyOf(REFUND_KEY));
    }
    adopt(keyOf(ANY_KEY, { secretHash: hashWriteKeySecret('y'.repeat(32)) }));
    expect(judge(bearer(ANY_KEY))).toBe('invalid_write_key');
  });

  it('takes the settings of a new snapshot along', () => {
    const { access, adopt } = start([keyOf(ANY_KEY)]);
    const allowed = () => access.authenticate(bearer(ANY_KEY), HERE).eventTypes;
    expect(allowed()).toBeUndefined();
    adopt(keyOf(ANY_KEY, { eventTypes: ['shop.order'] }));
    expect(allowed()).toEqual(['shop.order']);
  });

  it('expires by the clock of the gateway, and does not come back when that is set back', () => {
    const expiresAt = '2026-11-21T13:00:00Z';
    const { judge, clock, access } = start([keyOf(ANY_KEY, { expiresAt })]);
    clock.advance(4_999);
    expect(judge(bearer(ANY_KEY))).toBe('taken');
    clock.advance(1);
    const error = refusalOf(() => access.authenticate(bearer(ANY_KEY), HERE));
    expect(error.reason).toBe('invalid_write_key');
    expect(error.message).toContain('expired at 2026-11-21T13:00:00.000Z');
    clock.setBack(60_000);
    expect(judge(bearer(ANY_KEY), '192.0.2.2')).toBe('invalid_write_key');
  });

  it('of a server in a URL is refused with the reason, and what to do', () => {
    const { access } = start([keyOf(ANY_KEY)]);
    const error = refusalOf(() =>
      access.authenticate({ query: ANY_KEY }, HERE),
    );
    expect(error.message).toMatch(/logs.*rotating/);
    // Nobody learns that of a key without having it.
    const guess = ANY_KEY.replace('AllTypesAll', 'NoTypesAtAl');
    expect(
      refusalOf(() => access.authenticate({ query: guess }, HERE)).message,
    ).not.toMatch('logs');
  });

  it('is never part of an error message', () => {
    const { access } = start([keyOf(ANY_KEY)]);
    for (const key of [STRANGER_KEY, ANY_KEY.slice(0, -1), `${ANY_KEY}x`]) {
      const { message, headers } = refusalOf(() =>
        access.authenticate(bearer(key), HERE),
      );
      expect(message + JSON.stringify(headers)).not.toContain(key.slice(3));
    }
  });
});

describe('what is remembered of keys', () => {
  const strangers = Array.from({ length: 200 }, (_, n) => {
    // Well-formed length, so that it is worth remembering.
    return ANY_KEY.slice(0, 14) + String(n).padStart(37, '0');
  });

  it('is bounded, and takes no good key with it', () => {
    const check = new KeyCheck(10);
    const snapshot = snapshotOf(keyOf(ANY_KEY));
    expect(check.check(ANY_KEY, snapshot)).toMatchObject({
      key: { keyId: 'allkeytest' },
    });
    strangers.forEach(text => check.check(text, snapshot));
    check.check(STRANGER_KEY, snapshot);
    expect(check.size.knownBad).toBeLessThanOrEqual(10);
    expect(check.size.proofs).toBe(1);
    expect(check.check(ANY_KEY, snapshot)).toMatchObject({ key: {} });
  });

  it('is forgotten with the snapshot it was true of', () => {
    const check = new KeyCheck();
    const before = snapshotOf(keyOf(ANY_KEY));
    check.check(ANY_KEY, before);
    check.check(STRANGER_KEY, before);
    expect(check.size).toEqual({ proofs: 1, knownBad: 1 });
    check.check('', snapshotOf());
    expect(check.size).toEqual({ proofs: 0, knownBad: 0 });
  });
});

describe('limits', () => {
  const browser = keyOf(REFUND_KEY, {
    kind: 'browser',
    eventTypes: ['shop.refund'],
  });

  it('leave a server key alone unless one is set', () => {
    const { access } = start([keyOf(ANY_KEY)]);
    const key = access.authenticate(bearer(ANY_KEY), HERE);
    for (let n = 0; n < 1_000; n++) {
      access.charge(key, HERE, { events: 5_000, bytes: 16 * 1024 * 1024 });
    }
    expect(key.kind).toBe('server');
  });

  it('name themselves, what remains and when to come again', () => {
    const { access, clock } = start([keyOf(ANY_KEY, { eventsPerSecond: 100 })]);
    const key = access.authenticate(bearer(ANY_KEY), HERE);
    access.charge(key, HERE, { events: 900, bytes: 1 });
    const error = refusalOf(() =>
      access.charge(key, HERE, { events: 350, bytes: 1 }),
    );
    expect(error).toMatchObject({
      reason: 'rate_limited',
      status: 429,
      limit: { name: 'eventsPerSecond', value: 100 },
      headers: {
        'retry-after': '3',
        ratelimit: '"eventsPerSecond";r=100;t=3',
        'ratelimit-policy': '"eventsPerSecond";q=1000;w=10',
      },
    });
    expect(error.message).toContain('100 remain');
    clock.advance(2_499);
    expect(
      refusalOf(() => access.charge(key, HERE, { events: 350, bytes: 1 }))
        .headers['retry-after'],
    ).toBe('1');
    clock.advance(1);
    access.charge(key, HERE, { events: 350, bytes: 1 });
  });

  it('ask for less at once where waiting would not help', () => {
    const { access } = start([keyOf(ANY_KEY, { eventsPerSecond: 1 })], {
      serverBytesPerSecond: 1,
    });
    const key = access.authenticate(bearer(ANY_KEY), HERE);
    expect(
      refusalOf(() => access.charge(key, HERE, { events: 501, bytes: 1 })),
    ).toMatchObject({
      reason: 'batch_too_many_events',
      limit: { name: 'eventsPerSecondBurst', value: 500 },
    });
    expect(
      refusalOf(() => access.charge(key, HERE, { events: 1, bytes: 2 ** 21 })),
    ).toMatchObject({ reason: 'body_too_large' });
    access.charge(key, HERE, { events: 500, bytes: 1 });
  });

  it('charge all of a request or nothing', () => {
    const { access } = start([keyOf(ANY_KEY, { eventsPerSecond: 1 })], {
      serverBytesPerSecond: 1,
    });
    const key = access.authenticate(bearer(ANY_KEY), HERE);
    access.charge(key, HERE, { events: 1, bytes: 2 ** 20 });
    for (let n = 0; n < 10; n++) {
      expect(
        refusalOf(() => access.charge(key, HERE, { events: 400, bytes: 9 }))
          .limit?.name,
      ).toBe('bytesPerSecond');
    }
    access.charge(key, HERE, { events: 499, bytes: 0 });
  });

  it('keep one visitor from using up a public key', () => {
    const { access, clock } = start([browser]);
    const key = access.authenticate({ query: REFUND_KEY }, HERE);
    const send = (address: string, events = 500) =>
      access.charge(key, address, { events, bytes: 10_000 });
    send(HERE);
    expect(refusalOf(() => send(HERE, 1)).limit).toEqual({
      name: 'browserEventsPerSecondPerAddress',
      value: 50,
    });
    send('192.0.2.2');
    // All visitors together: 20,000 at once.
    for (let n = 0; n < 38; n++) {
      send(`198.51.100.${n}`);
    }
    expect(refusalOf(() => send('203.0.113.1')).limit).toEqual({
      name: 'eventsPerSecond',
      value: 2_000,
    });
    clock.advance(250);
    send('203.0.113.1');
  });

  it('change with the snapshot, without forgetting what was sent', () => {
    const { access, adopt } = start([keyOf(ANY_KEY, { eventsPerSecond: 100 })]);
    const send = (events: number) => {
      const key = access.authenticate(bearer(ANY_KEY), HERE);
      access.charge(key, HERE, { events, bytes: 1 });
    };
    send(1_000);
    adopt(keyOf(ANY_KEY, { eventsPerSecond: 200 }));
    expect(refusalOf(() => send(1)).limit?.value).toBe(200);
    adopt(keyOf(ANY_KEY));
    send(100_000);
  });

  it('count requests per address only when told to', () => {
    const { judge, clock } = start([keyOf(ANY_KEY)], {
      requestsPerSecondPerAddress: 1,
      burstSeconds: 2,
    });
    const twice = [judge(bearer(ANY_KEY)), judge(bearer(ANY_KEY))];
    expect(twice).toEqual(['taken', 'taken']);
    expect(judge(bearer(ANY_KEY))).toBe('rate_limited');
    expect(judge(bearer(ANY_KEY), '192.0.2.2')).toBe('taken');
    clock.advance(1_000);
    expect(judge(bearer(ANY_KEY))).toBe('taken');
  });
});

describe('failing senders', () => {
  it('are slowed down, and take nothing from a good key at their address', () => {
    const { judge, adopt, clock, access } = start([keyOf(ANY_KEY)]);
    const answers = Array.from({ length: 100 }, () =>
      judge(bearer(STRANGER_KEY)),
    );
    expect(answers.filter(each => each === 'invalid_write_key')).toHaveLength(
      20,
    );
    expect(judge({})).toBe('rate_limited');
    const error = refusalOf(() =>
      access.authenticate(bearer(STRANGER_KEY), HERE),
    );
    expect(error.headers['retry-after']).toBe('1');
    expect(error.message).toContain('not known');
    expect(judge(bearer(STRANGER_KEY), '192.0.2.2')).toBe('invalid_write_key');

    // Also a key that this gateway has never seen before.
    expect(judge(bearer(ANY_KEY))).toBe('taken');
    adopt(keyOf(REFUND_KEY));
    expect(judge(bearer(REFUND_KEY))).toBe('taken');
    clock.advance(500);
    expect(judge(bearer(STRANGER_KEY))).toBe('invalid_write_key');
    expect(judge(bearer(STRANGER_KEY))).toBe('rate_limited');
  });
});

describe('the use of keys', () => {
  it('is counted for those who have them, and reported until it is taken', async () => {
    const { access, clock, judge, uses, adopt } = start([
      keyOf(ANY_KEY, { eventsPerSecond: 1 }),
    ]);
    const key = access.authenticate(bearer(ANY_KEY), HERE);
    access.charge(key, HERE, { events: 400, bytes: 1 });
    clock.advance(1_000);
    judge(bearer(ANY_KEY));
    refusalOf(() => access.charge(key, HERE, { events: 400, bytes: 1 }));
    judge({ query: ANY_KEY });
    judge(bearer(STRANGER_KEY));
    const expected = {
      keyId: 'allkeytest',
      requests: 1,
      events: 400,
      refusedRequests: 2,
      lastUsedAt: new Date(clock.now()),
    };
    await expect(
      access.report(() => Promise.reject(new Error('away'))),
    ).rejects.toThrow('away');
    expect(await uses()).toEqual([expected]);
    expect(await uses()).toEqual([]);

    adopt(keyOf(ANY_KEY, { expiresAt: '2026-11-21T12:00:00Z' }));
    judge(bearer(ANY_KEY));
    expect(await uses()).toEqual([{ ...expected, refusedRequests: 3 }]);
  });
});
