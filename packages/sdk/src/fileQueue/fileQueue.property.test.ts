import fc from 'fast-check';
import { FaultyDisk } from '../__testUtils__/faultyDisk';
import {
  LifeRegister,
  QueueLife,
  tick,
  until,
} from '../__testUtils__/queueLife';
import { QueuedEvent } from '../queue';

type Command =
  | { do: 'append'; count: number; bytes: number }
  | { do: 'settle'; count: number; holdEvery: number }
  | { do: 'failSync'; count: number }
  | { do: 'fillDisk'; free: number }
  | { do: 'freeDisk' }
  | { do: 'passTime' }
  | { do: 'close' }
  | { do: 'kill'; after: number }
  | { do: 'cutPower'; after: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 12 }),
      bytes: fc.integer({ min: 0, max: 3000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      count: fc.integer({ min: 1, max: 15 }),
      holdEvery: fc.integer({ min: 2, max: 6 }),
    }),
  },
  fc.record({
    do: fc.constant('failSync' as const),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant('fillDisk' as const), free: fc.nat(4000) }),
  fc.constant<Command>({ do: 'freeDisk' }),
  fc.constant<Command>({ do: 'passTime' }),
  fc.constant<Command>({ do: 'close' }),
  fc.record({
    do: fc.constantFrom('kill' as const, 'cutPower' as const),
    after: fc.nat(25),
  }),
);

/** Follows what a queue has promised, over all its lives. */
class Model {
  readonly disk = new FaultyDisk();
  readonly lives = new LifeRegister();
  life!: QueueLife;
  private endLife = () => {};
  isEnded = false;
  /** In the order they were given. */
  readonly order: string[] = [];
  readonly confirmed = new Set<string>();
  readonly settled = new Set<string>();
  private held: QueuedEvent[] = [];

  begin(): void {
    const { probe, end } = this.lives.begin();
    this.isEnded = false;
    this.endLife = end;
    const disk = this.disk.mount(() => {
      this.isEnded = true;
    });
    this.held = [];
    this.life = new QueueLife(disk, probe, {
      maxBytes: 4_000_000,
      maxSegmentBytes: 5_000,
    });
    this.life.queue.open().catch(() => {});
  }

  /** Waits for what is under way, unless the process ends meanwhile. */
  async calm(): Promise<void> {
    await until(() => this.isEnded || this.life.isAnswered);
    for (let i = 0; i < 60 && !this.isEnded; i++) {
      await tick();
    }
    this.life.taken.forEach(id => this.confirmed.add(id));
  }

  end(powerCutChance?: () => number): void {
    this.life.taken.forEach(id => this.confirmed.add(id));
    this.endLife();
    if (powerCutChance) {
      this.disk.cutPower(powerCutChance);
    } else {
      this.disk.kill();
    }
  }

  async run(each: Command, random: () => number): Promise<void> {
    const { life, disk } = this;
    switch (each.do) {
      case 'append':
        for (let n = 0; n < each.count; n++) {
          const id = `e${this.order.length}`;
          this.order.push(id);
          life.append(id, each.bytes);
        }
        break;
      case 'settle': {
        const taken = await life.take(each.count, () => this.isEnded);
        const events = [...this.held, ...taken];
        // Some verdicts come later than those of events sent after them.
        this.held = events.filter((_, at) => at % each.holdEvery === 1);
        const settled = events.filter((_, at) => at % each.holdEvery !== 1);
        settled.forEach(({ id }) => this.settled.add(id));
        life.queue.settle(settled);
        break;
      }
      case 'failSync':
        disk.plan.failingSyncs = each.count;
        break;
      case 'fillDisk':
        disk.plan.capacity = disk.usedBytes() + each.free;
        break;
      case 'freeDisk':
        disk.plan.capacity = Infinity;
        break;
      case 'passTime':
        while (life.clock.step() && random() < 0.9) {
          await tick();
        }
        break;
      case 'close': {
        let isClosed = false;
        life.queue.close().then(
          () => {
            isClosed = true;
          },
          () => {
            isClosed = true;
          },
        );
        await until(() => isClosed || this.isEnded);
        this.end();
        this.begin();
        break;
      }
      default:
        disk.plan.endAt = disk.operations + each.after;
        await this.calm();
        this.end(each.do === 'cutPower' ? random : undefined);
        this.begin();
    }
    await this.calm();
  }
}

describe('a file queue on a disk that fails', () => {
  it('finds every event it has confirmed and that is not settled, in order and once, after any crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 1, maxLength: 30, size: 'max' }),
        fc.integer(),
        async (commands, seed) => {
          const random = generator(seed);
          const model = new Model();
          model.begin();
          for (const each of commands) {
            await model.run(each, random);
          }
          // The last life: the disk is well again.
          model.end(random);
          Object.assign(model.disk.plan, {
            endAt: Infinity,
            failingSyncs: 0,
            capacity: Infinity,
          });
          model.begin();
          await model.life.queue.open();
          await model.run({ do: 'append', count: 3, bytes: 1 }, random);
          const found = await model.life.take(Infinity, () => false);

          const ids = found.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          const places = ids.map(id => model.order.indexOf(id));
          expect(places).not.toContain(-1);
          expect(places).toEqual([...places].sort((a, b) => a - b));
          const owed = [...model.confirmed].filter(
            id => !model.settled.has(id),
          );
          expect(owed.filter(id => !ids.includes(id))).toEqual([]);
          for (const { id, json, epoch, sequence } of found) {
            expect(JSON.parse(json)).toMatchObject({ id, epoch, sequence });
          }
          expect(model.life.recovered).toBeGreaterThanOrEqual(found.length - 3);
          expect(ids.slice(-3)).toEqual(model.order.slice(-3));

          // Once all have a fate the directory is as good as empty.
          model.life.queue.settle(found);
          await model.life.queue.close();
          expect(
            model.disk.paths().filter(path => path.includes('segment')),
          ).toEqual([]);
        },
      ),
      { numRuns: Number(process.env.MILLRACE_RUNS ?? 400) },
    );
  }, 120_000);
});

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
