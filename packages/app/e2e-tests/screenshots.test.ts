import path from 'node:path';
import { expect, Page, test } from '@playwright/test';
import { chooseTheme, signIn } from './browser';
import { Installation, startInstallation } from './installation';
import { createKeys, sendMisfits } from './misfits';

/**
 * Takes the pictures of the docs from a real Millrace with the real demo:
 *
 *   MILLRACE_SCREENSHOTS=docs/images npm run e2e
 */
const folder = path.resolve(process.env.MILLRACE_SCREENSHOTS ?? '');
const WANTED_PARTITIONS = 4;
const ORDER_PLACED = 'shop.order_placed';
const ORDER_PAGE = `/catalog/default/eventtype/${ORDER_PLACED}/delivery`;

let millrace: Installation;

test.beforeAll(async () => {
  millrace = await startInstallation('--bucket', 'PT1M');
});
test.afterAll(() => millrace?.stop());

test('the pictures of the docs', async ({ page }) => {
  test.setTimeout(15 * 60_000);
  await page.setViewportSize({ width: 1360, height: 860 });
  await signIn(page, millrace.portalUrl, 'Owner');
  await createKeys(millrace);
  await sendMisfits(millrace, ORDER_PLACED);
  await everyTypeHasPartitions();
  await replayMisfits(page);

  for (const theme of ['light', 'dark'] as const) {
    await chooseTheme(page, millrace.portalUrl, theme);
    await picture(page, '/delivery', 'on time', `delivery-${theme}`);
    await picture(
      page,
      '/catalog/default/eventtype/github.push/delivery',
      'Partitions',
      `event-type-${theme}`,
    );
    await page
      .getByRole('region', { name: 'Partitions', exact: true })
      .getByRole('link')
      .first()
      .click();
    await expect(page.getByRole('table', { name: /Rows/ })).toBeVisible();
    await page.screenshot({ path: `${folder}/partition-${theme}.png` });

    await page.goto(`${millrace.portalUrl}/event-types/register`);
    await page.getByLabel('Name').first().fill('shop.order_paid');
    await page.getByLabel('Description').first().fill('An order was paid.');
    await page.getByLabel('Name of field 1').fill('order_id');
    await page.getByRole('button', { name: 'Add a field' }).click();
    await page.getByLabel('Name of field 2').fill('amount');
    await expect(
      page.getByText('order_id').filter({ visible: true }).first(),
    ).toBeVisible();
    await page.screenshot({ path: `${folder}/register-${theme}.png` });

    await pictureRefused(page, theme);
    await pictureKeys(page, theme);
  }
});

/** Brings one group back before the pictures, so that they show a proof. */
async function replayMisfits(page: Page): Promise<void> {
  const dialog = await openFix(page, /field is not in the schema/);
  await dialog.getByLabel('Reason').fill('The coupon is not part of an order');
  await dialog.getByRole('button', { name: /^Start: send/ }).click();
  await expect(page.getByRole('dialog')).toContainText('landed exactly once', {
    timeout: 5 * 60_000,
  });
}

async function openFix(page: Page, group: RegExp) {
  await page.goto(`${millrace.portalUrl}${ORDER_PAGE}`);
  const refused = page.getByRole('region', { name: 'Refused events' });
  await refused
    .getByRole('button', { name: /^Fix and replay: / })
    .and(refused.getByRole('button', { name: group }))
    .click();
  return page.getByRole('dialog');
}

async function pictureRefused(page: Page, theme: string): Promise<void> {
  await page.goto(`${millrace.portalUrl}${ORDER_PAGE}`);
  const refused = page.getByRole('region', { name: 'Refused events' });
  await refused
    .getByRole('button', { name: /^Show event/ })
    .first()
    .click();
  await expect(refused.getByText(/is missing here/)).toBeVisible();
  // The whole list would be as tall as a house.
  await refused.evaluate(section => section.scrollIntoView());
  await page.screenshot({ path: `${folder}/refused-${theme}.png` });

  const dialog = await openFix(page, /required field is missing/);
  await dialog.getByLabel('Value of change 1').fill('0');
  await expect(dialog).toContainText('would be accepted');
  await page.screenshot({ path: `${folder}/replay-preview-${theme}.png` });

  await page.goto(`${millrace.portalUrl}${ORDER_PAGE}`);
  await refused
    .getByRole('table', { name: 'Replays, newest first' })
    .getByRole('link')
    .first()
    .click();
  await expect(page.getByRole('dialog')).toContainText('landed exactly once');
  await page.screenshot({ path: `${folder}/replay-proof-${theme}.png` });
}

async function pictureKeys(page: Page, theme: string): Promise<void> {
  await picture(
    page,
    '/delivery/write-keys',
    'Checkout service',
    `write-keys-${theme}`,
  );
  await page.getByRole('link', { name: 'Checkout service' }).click();
  await expect(page.getByRole('table', { name: /each gateway/ })).toBeVisible();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText(/cannot be taken back/)).toBeVisible();
  await page.screenshot({ path: `${folder}/write-key-${theme}.png` });
}

async function picture(page: Page, url: string, text: string, name: string) {
  await page.goto(`${millrace.portalUrl}${url}`);
  await expect(page.getByText(text).first()).toBeVisible();
  await page.screenshot({ path: `${folder}/${name}.png` });
}

async function everyTypeHasPartitions(): Promise<void> {
  const fewest = async () => {
    const { items } = await millrace.get<{
      items: { eventType: string; recent: { empty: boolean }[] }[];
    }>('user:default/owner', '/api/delivery/overview');
    return Math.min(
      ...items
        .filter(({ eventType }) => eventType.startsWith('github.'))
        .map(({ recent }) => recent.filter(({ empty }) => !empty).length),
    );
  };
  await expect
    .poll(fewest, { timeout: 12 * 60_000, intervals: [5000] })
    .toBeGreaterThanOrEqual(WANTED_PARTITIONS);
}
