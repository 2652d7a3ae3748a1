import { crc32, zstdDecompressSync } from 'node:zlib';
import {
  BatchHeader,
  parseBatchAttributes,
  RefusedEvent,
  StoredEvent,
} from '@millrace/schema';
import { Broker } from '../publishing';

export interface ReceivedBatch {
  header: BatchHeader;
  events: StoredEvent[];
  /** CRC-32 of the body as it was published. */
  crc: number;
}

/** Commits, loses, or answers late, as a test tells it to. */
export class FakeBroker implements Broker {
  readonly batches: ReceivedBatch[] = [];
  readonly refusals: RefusedEvent[] = [];
  readonly refusedTopics = new Set<string>();
  /** The lines of accepted events, as they were published. */
  readonly lines: string[] = [];
  /** What happens to publishes from now on. */
  mode: 'commit' | 'fail' | 'commitButFail' | 'wait' = 'commit';
  private waiting: (() => void)[] = [];

  get waitingPublishes(): number {
    return this.waiting.length;
  }

  async publish(
    topic: string,
    data: Buffer,
    attributes: Record<string, string>,
  ): Promise<void> {
    if (this.mode === 'wait') {
      await new Promise<void>(resolve => {
        this.waiting.push(resolve);
      });
    }
    const { mode } = this;
    if (mode === 'fail') {
      throw new Error('14 UNAVAILABLE');
    }
    const body = zstdDecompressSync(data);
    const lines = body.toString().trimEnd().split('\n');
    const values = lines.map(line => JSON.parse(line));
    if (attributes.format.startsWith('refused-')) {
      this.refusedTopics.add(topic);
      this.refusals.push(...values);
    } else {
      const header = parseBatchAttributes(attributes);
      this.batches.push({ header, events: values, crc: crc32(body) });
      this.lines.push(...lines);
    }
    if (mode === 'commitButFail') {
      throw new Error('4 DEADLINE_EXCEEDED');
    }
  }

  /** Ends waiting, with the mode of now. */
  release(): void {
    const released = this.waiting;
    this.waiting = [];
    released.forEach(resolve => resolve());
  }
}
