import { expect, test } from '@playwright/test';
import { signIn, watchForErrors } from './browser';
import { Installation, startInstallation } from './installation';
import { press, tabTo, type } from './keyboard';
import { registerEventType } from './registration';
import { runSnippet } from './snippets';

const EVENT_TYPE = 'e2e.first_event';
const FOR_SNIPPETS = 'e2e.snippets';
const SEALED_LIMIT_MS = 120_000;

let millrace: Installation;

test.beforeAll(async () => {
  millrace = await startInstallation('--no-demo', '--bucket', 'PT10S');
});
test.afterAll(() => millrace?.stop());

test('a newcomer registers an event type, sends a test event and finds it in a sealed partition, by keyboard alone', async ({
  page,
}) => {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');
  await registerEventType(page, {
    name: EVENT_TYPE,
    description: 'The first thing that happened.',
    fields: [['order_id', 'string']],
  });
  const entityPage = page.url();
  const next = page.locator('[aria-current="step"]');
  const newest = page.getByRole('region', { name: 'The newest test event' });

  await test.step('the page says what it waits for', async () => {
    await expect(next).toContainText('First event accepted');
    await expect(next).toContainText('a test event from this page');
  });

  await test.step('an event that does not fit is refused, with the field and what to do', async () => {
    await press(page.getByRole('button', { name: 'Send a test event' }));
    const data = page.getByLabel('Data of the test event');
    await expect(data).toBeFocused();
    await expect(data).toHaveValue(/"order_id": "text"/);
    await type(data, '{"order_id": 1}');
    await tabTo(
      page,
      page.getByRole('button', { name: 'Send the test event' }),
    );
    await page.keyboard.press('Enter');
    await expect(newest).toContainText('/data/order_id has the wrong type');
    await expect(newest).toContainText('or change the schema');
    await expect(
      newest.getByRole('link', { name: /among the refused events/ }),
    ).toBeVisible({ timeout: 30_000 });
    await expect(next).toContainText(/1 event has arrived and been refused/);
  });

  await test.step('one that fits is followed from the verdict to its partition', async () => {
    const again = page.getByRole('button', {
      name: 'Send another test event',
    });
    await press(again);
    // What was refused is there to be mended.
    const data = page.getByLabel('Data of the test event');
    await expect(data).toHaveValue('{"order_id": 1}');
    await tabTo(
      page,
      page.getByRole('button', { name: 'Back to the example' }),
    );
    await page.keyboard.press('Enter');
    await expect(data).toHaveValue(/"order_id": "text"/);
    await tabTo(
      page,
      page.getByRole('button', { name: 'Send the test event' }),
    );
    await page.keyboard.press('Enter');
    await expect(again).toBeFocused();
    await expect(newest).toContainText(/accepted/i, { timeout: 30_000 });
    await expect(newest).toContainText('It lies in the partition of', {
      timeout: SEALED_LIMIT_MS,
    });
    await expect(
      page.getByText(/The first partition was sealed on .* UTC/),
    ).toBeVisible();
  });

  await test.step('its partition shows it, marked as a test', async () => {
    await press(newest.getByRole('link', { name: 'Open its partition' }));
    const rows = page.getByRole('dialog').getByRole('table', { name: /Rows/ });
    await expect(rows).toContainText('/millrace/test-events');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  });

  await test.step('a key is made for the examples, and shown this one time', async () => {
    await page.goto(entityPage);
    await press(page.getByRole('button', { name: 'Create a write key' }));
    const key = page.getByText(/^mr_[a-z0-9]+_\w+$/);
    await expect(key).toBeVisible();
    const text = (await key.textContent())!.trim();
    await expect(page.getByRole('tabpanel')).toContainText(`Bearer ${text}`);
    await page.reload();
    await expect(page.getByRole('tabpanel')).toContainText('YOUR_WRITE_KEY');
    await expect(page.getByText(text)).toHaveCount(0);
  });
  expect(errors()).toEqual([]);
});

test('each example of the page can be pasted as it is, and its event is accepted', async ({
  page,
}) => {
  // With the fields that the client of Segment fills.
  await millrace.post('user:default/owner', '/api/event-types/event-types', {
    name: FOR_SNIPPETS,
    description: 'Sent by each example.',
    owner: 'group:default/webhooks',
    tier: 'normal',
    fields: [
      { name: 'event', type: 'string', required: true, semanticType: 'none' },
      {
        name: 'userId',
        type: 'string',
        required: true,
        semanticType: 'person-id',
      },
      {
        name: 'properties',
        type: 'json',
        required: true,
        semanticType: 'none',
      },
      { name: 'context', type: 'json', required: true, semanticType: 'none' },
    ],
  });
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');
  await page.goto(
    `${millrace.portalUrl}/catalog/default/eventtype/${FOR_SNIPPETS}`,
  );
  await expect(page.locator('[aria-current="step"]')).toContainText(
    'First event accepted',
  );
  const shown = page.getByRole('tabpanel').locator('pre, code').first();
  const example = async (tab: string, key: string) => {
    await press(page.getByRole('tab', { name: tab, exact: true }));
    const create = page.getByRole('button', { name: key });
    if (await create.isVisible()) await press(create);
    await expect(shown).toContainText('mr_');
    return (await shown.textContent())!;
  };
  const isAccepted = (tab: string, run: () => Promise<string>) =>
    test.step(`the example ${tab}`, () =>
      // Until the gateway has heard of the key it answers 401.
      expect(async () => {
        expect(await run()).toMatch(/accepted|^$/);
      }).toPass({ timeout: 60_000 }));

  const curl = await example('curl', 'Create a write key');
  await isAccepted('curl', () => runSnippet(curl, 'shell'));
  const sdk = await example('SDK', 'Create a write key');
  await isAccepted('SDK', () => runSnippet(sdk, 'node'));
  const segment = await example('Segment client', 'Create a write key');
  await isAccepted('Segment client', () => runSnippet(segment, 'node'));
  const browser = await example('Browser', 'Create a browser key');
  await isAccepted('Browser', () => runSnippet(browser, page));

  await test.step('all four are counted, and none was refused', async () => {
    const counts = async () => {
      const { last24h, inFlight } = await millrace.get<{
        last24h: { delivered: number; refusedAtGateway: number };
        inFlight: number;
      }>('user:default/owner', `/api/delivery/event-types/${FOR_SNIPPETS}`);
      const { delivered, refusedAtGateway } = last24h;
      return { arrived: delivered + inFlight, refusedAtGateway };
    };
    await expect
      .poll(counts, { timeout: SEALED_LIMIT_MS })
      .toEqual({ arrived: 4, refusedAtGateway: 0 });
  });
  expect(errors()).toEqual([]);
});
