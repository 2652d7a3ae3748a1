import path from 'node:path';
import { expect, Page, test } from '@playwright/test';
import { chooseTheme, signIn } from './browser';
import { Installation, startInstallation } from './installation';

/**
 * Takes the pictures of the docs from a real Millrace with the real demo:
 *
 *   MILLRACE_SCREENSHOTS=docs/images npm run e2e
 */
const folder = path.resolve(process.env.MILLRACE_SCREENSHOTS ?? '');
const WANTED_PARTITIONS = 4;

let millrace: Installation;

test.beforeAll(async () => {
  millrace = await startInstallation('--bucket', 'PT1M');
});
test.afterAll(() => millrace?.stop());

test('the pictures of the docs', async ({ page }) => {
  test.setTimeout(15 * 60_000);
  await page.setViewportSize({ width: 1360, height: 860 });
  await signIn(page, millrace.portalUrl, 'Owner');
  await everyTypeHasPartitions();

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
  }
});

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
