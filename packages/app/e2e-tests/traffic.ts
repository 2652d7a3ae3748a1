import { setTimeout as pause } from 'node:timers/promises';
import { createProducer } from '@millrace/sdk';

/** What a client remembers of one event, for the oracle. */
export interface JournalEntry {
  id: string;
  source: string;
  type: string;
  outcome: 'accepted' | 'refused';
  reason?: string;
  pointer?: string;
  data?: object;
}

const SOURCE = '/e2e/checkout';
const WAVES = 50;
const EVENTS_PER_WAVE = 20;
const PAUSE_BETWEEN_WAVES_MS = 400;

type Data = Record<string, unknown>;

/** One event in a hundred does not fit, in one of these ways. */
const MISTAKES: ((data: Data) => Data)[] = [
  ({ amount, ...rest }) => rest,
  data => ({ ...data, amount: 'a lot' }),
  data => ({ ...data, colour: 'green' }),
  data => ({ ...data, placed_at: 'yesterday' }),
  data => ({ ...data, amount: 1.5 }),
];

/**
 * Sends 1,000 events through the SDK: 940 that fit, 50 that were sent before,
 * 10 that do not fit. In waves, so that there is time to break things.
 *
 * @param onWave called before each wave with its number, from 0
 * @returns the journal, one entry per event sent
 */
export async function sendThousandEvents(options: {
  gatewayUrl: string;
  writeKey: string;
  type: string;
  onWave: (wave: number) => Promise<void>;
}): Promise<JournalEntry[]> {
  const { gatewayUrl, writeKey, type, onWave } = options;
  const producer = createProducer({ gatewayUrl, writeKey, source: SOURCE });
  const answers: Promise<JournalEntry>[] = [];
  const fitting: { id: string; data: Data }[] = [];

  const send = async (id: string, data: Data): Promise<JournalEntry> => {
    const verdict = await producer.send({ id, type, data });
    const entry = { id, source: SOURCE, type, data };
    return verdict.status === 'accepted'
      ? { ...entry, outcome: 'accepted' }
      : {
          ...entry,
          outcome: 'refused',
          reason: verdict.reason,
          pointer: verdict.pointer,
        };
  };

  for (let wave = 0; wave < WAVES; wave += 1) {
    await onWave(wave);
    for (let at = 0; at < EVENTS_PER_WAVE; at += 1) {
      const number = wave * EVENTS_PER_WAVE + at;
      const id = `order-${String(number).padStart(4, '0')}`;
      const data = {
        order_id: id,
        amount: number * 7,
        paid: number % 3 === 0,
        placed_at: new Date(Date.now() - number * 1000).toISOString(),
      };
      if (number % 100 === 50) {
        const mistake = MISTAKES[Math.floor(number / 100) % MISTAKES.length];
        answers.push(send(id, mistake(data)));
      } else if (number % 20 === 19) {
        // A retry of an event from anywhere before, as after a lost answer.
        const earlier = fitting[(number * 31) % fitting.length];
        answers.push(send(earlier.id, earlier.data));
      } else {
        fitting.push({ id, data });
        answers.push(send(id, data));
      }
    }
    await pause(PAUSE_BETWEEN_WAVES_MS);
  }
  const journal = await Promise.all(answers);
  await producer.close();
  return journal;
}
