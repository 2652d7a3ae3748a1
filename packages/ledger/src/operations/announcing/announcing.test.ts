import {
  announcingResource,
  claimLease,
  moveAnnouncementCursor,
  readAnnouncementCursor,
} from '..';
import { useLedger } from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

const announcer = 'partition-sealed';

describe('how far sealed revisions were announced', () => {
  const ledger = useLedger();
  beforeEach(async () => {
    await ledger()('announcement_cursors').del();
  });

  const claim = async (holder: string) => {
    await ledger()('leases').update({ expires_at: new Date(0) });
    const lease = await claimLease(ledger(), {
      resource: announcingResource(announcer),
      holder,
      leaseMs: 60_000,
    });
    return lease!.fencingToken;
  };
  const read = () => readAnnouncementCursor(ledger(), { announcer });

  it('begins with nothing, moves on, and never goes back', async () => {
    await expect(read()).resolves.toBe('0');
    const fencingToken = await claim('portal-1');
    const move = (seq: string) =>
      moveAnnouncementCursor(ledger(), { announcer, fencingToken, seq });
    // More than a number of JavaScript can hold.
    await move('9007199254740993');
    await move('5');
    await expect(read()).resolves.toBe('9007199254740993');
    await expect(
      readAnnouncementCursor(ledger(), { announcer: 'revision-notices' }),
    ).resolves.toBe('0');
  });

  it('is not moved by a process whose lease has passed on', async () => {
    const former = await claim('portal-1');
    await claim('portal-2');
    await expect(
      moveAnnouncementCursor(ledger(), {
        announcer,
        fencingToken: former,
        seq: '7',
      }),
    ).rejects.toMatchObject({ code: 'fencing_token_stale' });
    await expect(read()).resolves.toBe('0');
  });
});
