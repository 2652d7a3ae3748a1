import { expect, Page, test } from '@playwright/test';
import { signIn, chooseTheme, watchForErrors } from './browser';
import {
  askOracle,
  Installation,
  RunningProcess,
  startInstallation,
} from './installation';
import { registerEventType } from './registration';
import { JournalEntry, sendThousandEvents } from './traffic';

const EVENT_TYPE = 'e2e.order_placed';
const ENTITY_PAGE = `/catalog/default/eventtype/${EVENT_TYPE}`;
const OWNER = 'user:default/owner';
const PLATFORM = 'user:default/platform';

interface DeliveryRow {
  conditions: { type: string; reached: boolean }[];
  recent: { state: string; bucketStart: string; bucketEnd: string }[];
}

test.describe.configure({ mode: 'serial' });

let millrace: Installation;
let journal: JournalEntry[];
let writeKey: string;

test.beforeAll(async () => {
  millrace = await startInstallation('--no-demo', '--bucket', 'PT10S');
});
test.afterAll(() => millrace?.stop());

test('an event type is registered, its events survive kill -9 of every part, and the files hold each accepted event once', async ({
  page,
}) => {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');
  await registerEventType(page, {
    name: EVENT_TYPE,
    description: 'An order was placed.',
    fields: [
      ['order_id', 'string'],
      ['amount', 'integer'],
      ['paid', 'boolean'],
      ['placed_at', 'timestamp'],
    ],
  });
  writeKey = await createWriteKey(page);
  await gatewayKnows(writeKey);

  const firstPids = pidsOf(await millrace.processes());
  const kill: Record<number, RunningProcess['role']> = {
    12: 'gateway',
    24: 'broker',
    36: 'worker',
  };
  journal = await sendThousandEvents({
    gatewayUrl: millrace.gatewayUrl,
    writeKey,
    type: EVENT_TYPE,
    onWave: async wave => {
      if (kill[wave]) process.kill(firstPids[kill[wave]], 'SIGKILL');
    },
  });
  await everythingIsSealed();

  await test.step('the portal shows that each part was started again', async () => {
    const processes = await millrace.processes();
    await page.goto(`${millrace.portalUrl}/delivery`);
    for (const { role, pid, restarts } of processes) {
      expect(pid).not.toBe(firstPids[role]);
      expect(restarts).toBeGreaterThan(0);
      const row = page.getByRole('row', { name: new RegExp(role) }).first();
      await expect(row).toContainText('running');
      await expect(row).toContainText(String(pid));
    }
    expect(processes.map(({ role }) => role).sort()).toEqual([
      'broker',
      'gateway',
      'worker',
    ]);
  });

  await test.step('the portal lists every refused event with its reason', async () => {
    await page.goto(`${millrace.portalUrl}${ENTITY_PAGE}/delivery`);
    const refused = page.getByRole('region', { name: 'Refused events' });
    await expect(refused).toContainText('10 events');
    for (const reason of ['missing_field', 'wrong_type', 'unknown_field']) {
      await expect(refused).toContainText(reason);
    }
    for (const { id } of journal.filter(
      ({ outcome }) => outcome === 'refused',
    )) {
      await expect(refused).toContainText(id);
    }
  });

  await test.step('the portal shows the rows of a sealed partition', async () => {
    const partitions = page.getByRole('region', {
      name: 'Partitions',
      exact: true,
    });
    await partitions
      .getByRole('row')
      // Sealed, and not empty.
      .filter({ hasText: '100 %' })
      .getByRole('link')
      .first()
      .click();
    const panel = page.getByRole('dialog');
    await expect(panel).toContainText('= accepted');
    await expect(
      panel.getByRole('table', { name: /Rows/ }).getByRole('row').nth(1),
    ).toContainText('order-');
    await page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
  });

  await test.step('the oracle finds each accepted event once and each refused one listed', async () => {
    const { items } = await millrace.get<{ items: object[] }>(
      PLATFORM,
      '/api/delivery/refused?limit=500',
    );
    const report = await askOracle(millrace, journal, items);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({
      accepted: 940,
      delivered: 940,
      duplicates: 50,
      refused: 10,
      lost: 0,
    });
  });
  expect(errors()).toEqual([]);
});

test('a misfit is found within seconds, fixed, replayed, and lands once', async ({
  page,
}) => {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');
  await page.goto(`${millrace.portalUrl}${ENTITY_PAGE}/delivery`);
  const refused = page.getByRole('region', { name: 'Refused events' });
  await expect(refused).toContainText('10 events were refused');

  await test.step('a new refusal appears by itself, with code and field', async () => {
    const response = await fetch(`${millrace.gatewayUrl}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${writeKey}`,
        'content-type': 'application/cloudevents+json',
      },
      body: JSON.stringify({
        specversion: '1.0',
        id: 'misfit-1',
        source: '/e2e/curl',
        type: EVENT_TYPE,
        data: {
          order_id: 'misfit-1',
          paid: true,
          placed_at: new Date().toISOString(),
        },
      }),
    });
    expect(response.status).toBe(400);
    const row = refused.getByRole('row', { name: /misfit-1/ });
    await expect(row).toBeVisible({ timeout: 10_000 });
    await expect(row).toContainText('missing_field');
    await expect(row).toContainText('/data/amount');
  });

  await test.step('its id finds it, and its text shows what is missing', async () => {
    await refused.getByLabel('Event id').fill('misfit-1');
    await expect(page).toHaveURL(/eventId=misfit-1/);
    await refused.getByRole('button', { name: 'Show event misfit-1' }).click();
    await expect(
      refused.getByRole('group', { name: 'Event misfit-1 as it came' }),
    ).toContainText('"amount" is missing here');
    await refused.getByRole('button', { name: 'Clear filters' }).click();
  });

  await test.step('the whole group is fixed, previewed and replayed', async () => {
    await refused
      .getByRole('button', { name: /^Fix and replay: .*\/data\/amount$/ })
      .and(refused.getByRole('button', { name: /required field is missing/ }))
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Value of change 1').fill('0');
    await expect(dialog).toContainText('All 3 events would be accepted');
    await expect(
      dialog.getByRole('group', { name: 'Sample 1 as it would be sent' }),
    ).toContainText('"amount": 0');
    await dialog.getByLabel('Reason').fill('The amount was forgotten');
    await dialog.getByRole('button', { name: 'Start: send 3 again' }).click();
  });

  await test.step('each of them is proven to lie in a partition once', async () => {
    const panel = page.getByRole('dialog');
    await expect(panel).toContainText('3 events landed exactly once', {
      timeout: 120_000,
    });
    const landed = panel.getByRole('row', { name: /misfit-1/ });
    await expect(landed).toContainText('landed');
    await landed.getByRole('link').click();
    await expect(
      page.getByRole('dialog').getByRole('table', { name: /Rows/ }),
    ).toContainText('misfit-1');
    await page.keyboard.press('Escape');
    await expect(
      refused.getByRole('table', { name: 'Replays, newest first' }),
    ).toContainText('The amount was forgotten');
  });
  expect(errors()).toEqual([]);
});

test('a key is created, rotated and revoked, and ends within seconds', async ({
  page,
}) => {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');
  await page.goto(`${millrace.portalUrl}/delivery/write-keys`);
  await page.getByRole('button', { name: 'Create a write key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Checkout service');
  await dialog.getByLabel('Producer').fill('e2e-checkout');
  await dialog.getByRole('button', { name: /Event types it may send/ }).click();
  await page.getByRole('option', { name: EVENT_TYPE, exact: true }).click();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  const oldKey = await shownKey(page);
  await dialog.getByRole('button', { name: 'I have stored it' }).click();
  await expect.poll(() => probe(oldKey)).toBe('taken');

  await page.getByRole('link', { name: 'Checkout service' }).first().click();
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await dialog.getByRole('button', { name: 'Make the new key' }).click();
  const newKey = await shownKey(page);
  expect(newKey).not.toBe(oldKey);
  await expect.poll(() => probe(newKey)).toBe('taken');
  expect(await probe(oldKey)).toBe('taken');
  await expect(dialog).toContainText('The old key still works');

  await dialog.getByRole('button', { name: 'Revoke the old key' }).click();
  await dialog.getByRole('button', { name: 'Revoke the key' }).click();
  await expect.poll(() => probe(oldKey), { timeout: 5000 }).toBe(401);
  expect(await probe(newKey)).toBe('taken');
  await expect(dialog).toContainText('revoked');
  expect(errors()).toEqual([]);
});

test('what one may do depends on who one is', async ({ page }) => {
  await signIn(page, millrace.portalUrl, 'Developer');
  const { recent } = await millrace.get<DeliveryRow>(
    OWNER,
    `/api/delivery/event-types/${EVENT_TYPE}`,
  );
  const { bucketStart } = recent[0];
  await page.goto(
    `${millrace.portalUrl}${ENTITY_PAGE}/delivery?partition=${bucketStart}`,
  );
  await expect(page.getByRole('dialog')).toContainText('= accepted');
  await page.goto(`${millrace.portalUrl}/delivery/refused`);
  await expect(page.getByText(/may not/).first()).toBeVisible();
});

test('no page complains in the light theme', ({ page }) =>
  lookAtEveryPage(page, 'light'));

test('no page complains in the dark theme', ({ page }) =>
  lookAtEveryPage(page, 'dark'));

async function lookAtEveryPage(
  page: Page,
  theme: 'light' | 'dark',
): Promise<void> {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Platform team');
  await chooseTheme(page, millrace.portalUrl, theme);
  const pages: [string, string | RegExp][] = [
    ['/delivery', /event type/],
    ['/delivery/refused', /refused/i],
    ['/delivery/write-keys', 'Checkout service'],
    ['/event-types', EVENT_TYPE],
    ['/event-types/register', 'Register an event type'],
    ['/catalog', 'Catalog'],
    [ENTITY_PAGE, EVENT_TYPE],
    [`${ENTITY_PAGE}/schema`, 'order_id'],
    [`${ENTITY_PAGE}/delivery`, 'Partitions'],
    [`/catalog/default/dataendpoint/${EVENT_TYPE}`, EVENT_TYPE],
    ['/catalog/default/group/webhooks', 'webhooks'],
    ['/settings', 'Settings'],
  ];
  for (const [path, text] of pages) {
    await page.goto(`${millrace.portalUrl}${path}`);
    await expect(page.getByText(text).first()).toBeVisible();
    await expect(page.getByRole('progressbar')).toHaveCount(0);
  }
  expect(errors()).toEqual([]);
}

async function createWriteKey(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Create a write key' }).click();
  return shownKey(page);
}

/** The key that the page shows this one time. */
async function shownKey(page: Page): Promise<string> {
  const key = page.getByText(/^mr_[a-z0-9]+_\w+$/);
  await expect(key).toBeVisible();
  return (await key.textContent())!.trim();
}

/** What a gateway makes of a key: `taken`, or the status it refuses with. */
async function probe(key: string): Promise<'taken' | number> {
  const response = await fetch(`${millrace.gatewayUrl}/v1/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/cloudevents-batch+json',
    },
    body: '[]',
  });
  return response.status === 401 ? response.status : 'taken';
}

/** Waits until the gateway runs the settings with the event type and the key. */
async function gatewayKnows(key: string): Promise<void> {
  const knows = async () => {
    const { conditions } = await millrace.get<DeliveryRow>(
      OWNER,
      `/api/delivery/event-types/${EVENT_TYPE}`,
    );
    const isProvisioned = conditions.some(
      ({ type, reached }) => type === 'Provisioned' && reached,
    );
    const status = await millrace.get<{
      generation: number;
      gateways: { alive: boolean; generation?: number }[];
    }>(PLATFORM, '/api/delivery/status');
    const isCurrent = status.gateways.some(
      ({ alive, generation }) => alive && generation === status.generation,
    );
    return isProvisioned && isCurrent && (await probe(key)) === 'taken';
  };
  await expect.poll(knows).toBe(true);
}

/** Waits for a sealed partition that ends after the last event was sent. */
async function everythingIsSealed(): Promise<void> {
  const sentBy = new Date().toISOString();
  const isSealed = async () => {
    const { recent } = await millrace.get<DeliveryRow>(
      OWNER,
      `/api/delivery/event-types/${EVENT_TYPE}`,
    );
    return recent.some(
      ({ state, bucketEnd }) => state === 'sealed' && bucketEnd > sentBy,
    );
  };
  await expect.poll(isSealed, { timeout: 120_000 }).toBe(true);
}

function pidsOf(
  processes: RunningProcess[],
): Record<RunningProcess['role'], number> {
  const pidOf = (wanted: string) =>
    processes.find(({ role }) => role === wanted)!.pid;
  return {
    broker: pidOf('broker'),
    gateway: pidOf('gateway'),
    worker: pidOf('worker'),
  };
}
