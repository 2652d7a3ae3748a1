import { useWorkshop } from '../sealer/__testUtils__/workshop';
import {
  balance,
  deliver,
  hashesOf,
  liveOf,
  openLate,
  received,
  rowsOf,
  seal,
} from './__testUtils__/deliveries';
import {
  approve,
  ask,
  noMoreWaiting,
  revise,
} from './__testUtils__/operations';
import { ReviserStep } from './steps';

jest.setTimeout(120_000);

const workshop = useWorkshop();

/** With which of the manifests, where a step comes several times. */
const DEATHS: [step: ReviserStep, time: number][] = [
  ['begun', 1],
  ['sealed', 1],
  ['placed', 2],
  ['prepared', 1],
  ['published', 1],
  ['published', 3],
  ['committed', 1],
];

describe('a reshuffle', () => {
  describe.each(DEATHS)('that dies after %s, time %d', (step, time) => {
    it.each(['reviser', 'sealer'] as const)(
      'and is gone on with by a %s is seen as a whole or not at all',
      async heir => {
        const shop = await openLate(workshop());
        await ask(shop, 'reshuffle', [2]);
        await revise(shop);
        await approve(shop);
        const sealed = await hashesOf(shop);
        let times = 0;
        await revise(shop, {
          onStep: reached => {
            times += reached === step ? 1 : 0;
            if (reached === step && times === time) {
              throw new Error(`died after ${step}`);
            }
          },
        });
        await noMoreWaiting(shop);
        const revisions = () =>
          Promise.all(
            [0, 1, 2].map(async n => (await liveOf(shop, n)).revision),
          );
        expect(await revisions()).toEqual(
          step === 'committed' ? [2, 2, 2] : [1, 1, 1],
        );

        // What is sealed meanwhile knows all ids, and the revisions go on.
        await deliver(shop, 3, [
          { events: [received(3, 'l0'), received(3, 'l1'), received(3, 'd')] },
        ]);
        if (heir === 'sealer') {
          await seal(shop);
        }
        const isFinished =
          heir === 'sealer' &&
          ['prepared', 'published', 'committed'].includes(step);
        expect(await revisions()).toEqual(
          isFinished || step === 'committed' ? [2, 2, 2] : [1, 1, 1],
        );
        await revise(shop, { workerId: 'other' });
        await revise(shop, { workerId: 'other' });
        await seal(shop);
        expect(await revisions()).toEqual([2, 2, 2]);
        expect(await rowsOf(shop, 3, 1)).toEqual(['d']);
        expect(await rowsOf(shop, 0, 2)).toEqual(['a', 'l0']);
        expect(await rowsOf(shop, 1, 2)).toEqual(['b', 'l1']);
        expect(await rowsOf(shop, 2, 2)).toEqual(['c']);
        expect((await shop.idsThatCount()).sort()).toEqual([0, 0, 1, 1, 2, 3]);
        expect(await hashesOf(shop)).toMatchObject(sealed);
        expect((await balance(shop)).unbalanced).toEqual([]);
      },
    );
  });
});
