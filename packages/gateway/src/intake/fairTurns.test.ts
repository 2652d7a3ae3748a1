import { settleMicrotasks } from '../__testUtils__/manualClock';
import { FairTurns } from './fairTurns';

describe('FairTurns', () => {
  it('lets each key go in turn, however much one of them brings', async () => {
    const turns = new FairTurns();
    const order: string[] = [];
    const work = (name: string) =>
      turns.begin(name[0]).then(() => order.push(name));
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) {
      void work(name);
    }
    for (let i = 0; i < 7; i++) {
      await settleMicrotasks();
      expect(order).toHaveLength(i + 1);
      turns.end();
    }
    expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
    await turns.begin('d');
  });
});
