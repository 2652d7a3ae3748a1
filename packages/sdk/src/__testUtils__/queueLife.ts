import { encodeEvent } from '../buffer';
import { Disk, FileQueue, FileQueueOptions, ProcessProbe } from '../fileQueue';
import { QueuedEvent } from '../queue';
import { Drop } from '../types';
import { VirtualClock } from './virtualClock';

/** Knows which lives have ended, as a kernel does. */
export class LifeRegister {
  private readonly alive = new Set<number>();
  private last = 0;

  /** @returns the probe of a new life, and what ends it */
  begin(): { probe: ProcessProbe; end: () => void } {
    this.last += 1;
    const life = this.last;
    this.alive.add(life);
    return {
      probe: {
        self: async () => ({ life }),
        judge: async claimant => {
          const { life: other } = (claimant ?? {}) as { life?: number };
          if (other === undefined) {
            // A power cut took the content: nobody of before is left.
            return 'dead';
          }
          return this.alive.has(other) ? 'alive' : 'dead';
        },
      },
      end: () => this.alive.delete(life),
    };
  }
}

/** A queue of one life, with everything it says written down. */
export class QueueLife {
  readonly queue: FileQueue;
  readonly clock = new VirtualClock();
  readonly taken: string[] = [];
  readonly failed = new Map<string, string>();
  readonly drops: Drop[] = [];
  readonly problems: string[] = [];
  recovered = 0;
  reports = 0;
  private asked = 0;

  constructor(
    disk: Disk,
    probe: ProcessProbe,
    options: Partial<FileQueueOptions> & { reportType?: string } = {},
  ) {
    const { reportType, ...rest } = options;
    this.queue = new FileQueue(
      {
        directory: '/queue',
        maxBytes: 64 * 1024,
        maxPendingBytes: 1024 * 1024,
        whenFull: 'drop_oldest',
        producer: undefined,
        lockWaitMs: 0,
        disk,
        probe,
        clock: this.clock,
        backgroundClock: this.clock,
        ...rest,
      },
      {
        onReady: () => {},
        onRecovered: events => {
          this.recovered += events;
        },
        onDrop: drop => this.drops.push(drop),
        onProblem: error => this.problems.push(error.code),
        report: drop =>
          reportType === undefined
            ? undefined
            : encodeEvent(
                {
                  id: `report-${this.drops.length}`,
                  type: reportType,
                  data: drop,
                },
                { source: '/tests' },
              ),
        onReportTaken: () => {
          this.reports += 1;
        },
      },
    );
  }

  append(id: string, dataBytes: number = 20): void {
    this.asked += 1;
    const data = { text: 'x'.repeat(dataBytes) };
    const event = encodeEvent({ id, type: 't', data }, { source: '/tests' });
    this.queue.append(event, {
      taken: () => this.taken.push(id),
      failed: error => this.failed.set(id, error.code),
    });
  }

  /** Every append has been answered. */
  get isAnswered(): boolean {
    return this.taken.length + this.failed.size === this.asked;
  }

  /** Takes events out, as many as come, at most so many. */
  async take(count: number, isOver: () => boolean): Promise<QueuedEvent[]> {
    const events: QueuedEvent[] = [];
    while (events.length < count && !isOver()) {
      const event = this.queue.next();
      if (event) {
        events.push(event);
      } else if (this.queue.firstUnread() === Infinity) {
        break;
      } else {
        await tick();
      }
    }
    return events;
  }
}

/** Lets everything that needs no time happen. */
export async function tick(): Promise<void> {
  await new Promise(resolve => {
    setImmediate(resolve);
  });
}

/** Waits for a condition that needs no time to come about. */
export async function until(condition: () => boolean): Promise<void> {
  for (let rounds = 0; !condition(); rounds++) {
    if (rounds > 20_000) {
      throw new Error('The condition does not come about');
    }
    await tick();
  }
}
