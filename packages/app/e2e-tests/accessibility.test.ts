import { Browser, expect, Page, test } from '@playwright/test';
import {
  overhangOf,
  violationsInBothThemes,
  violationsOf,
} from './accessibility';
import { Identity, signIn, watchForErrors } from './browser';
import { Installation, startInstallation } from './installation';
import { sendTraffic } from './misfits';
import { openPage, ORDER_PLACED, PAGE_STATES } from './pages';

/** The widths that the design language draws for. */
const WIDTHS = [1280, 1440, 1920, 2560];
const WIDTH = 1440;
const HEIGHT = 900;
const IDENTITIES: Identity[] = ['Developer', 'Owner', 'Platform team'];

let millrace: Installation;

test.beforeAll(async () => {
  millrace = await startInstallation('--no-demo', '--bucket', 'PT10S');
  await sendTraffic(millrace, ORDER_PLACED);
});
test.afterAll(() => millrace?.stop());

/** A signed-in page; nothing on it moves, so that it can be measured. */
async function openPortal(browser: Browser, identity: Identity): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await signIn(page, millrace.portalUrl, identity);
  return page;
}

/** Every page that an identity is shown, in every state. */
async function lookAtEveryPage(
  browser: Browser,
  identity: Identity,
): Promise<void> {
  const page = await openPortal(browser, identity);
  const errors = watchForErrors(page);
  for (const state of PAGE_STATES.filter(({ as }) => as === identity)) {
    await openPage(page, millrace.portalUrl, state);
    // Soft: one run names everything that is wrong, on every page.
    expect.soft(await violationsInBothThemes(page), state.name).toEqual([]);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      expect.soft(await overhangOf(page), `${state.name} at ${width}`).toBe(0);
    }
    await page.setViewportSize({ width: WIDTH, height: HEIGHT });
  }
  expect.soft(errors(), identity).toEqual([]);
  await page.context().close();
}

for (const identity of IDENTITIES) {
  test(`no page of the ${identity} violates WCAG 2.1 AA in either theme, or scrolls sideways from 1280 to 2560 pixels`, ({
    browser,
  }) => lookAtEveryPage(browser, identity));
}

test('the sign-in page violates nothing', async ({ page }) => {
  await page.goto(millrace.portalUrl);
  await expect(
    page.getByRole('heading', { name: 'Who do you want to be?' }),
  ).toBeVisible();
  expect(await violationsOf(page)).toEqual([]);
});

/** Whether the focus can be seen: the page looks otherwise without it. */
async function isFocusVisible(page: Page): Promise<boolean> {
  const withFocus = await page.screenshot();
  const element = await page.evaluateHandle(() => {
    const active = document.activeElement as HTMLElement;
    active.blur();
    return active;
  });
  const without = await page.screenshot();
  await element.evaluate(it => it.focus());
  return !withFocus.equals(without);
}

test('a page is worked by keyboard alone: past the sidebar, through its fields, into its table', async ({
  browser,
}) => {
  const page = await openPortal(browser, 'Owner');
  await page.goto(`${millrace.portalUrl}/event-types`);
  await expect(page.getByRole('rowheader').first()).toBeVisible();
  // What is still loading may put itself in the place of what has the focus.
  await page.waitForLoadState('networkidle');

  await page.keyboard.press('Tab');
  await expect(
    page.getByRole('link', { name: 'Skip to the page' }),
  ).toBeFocused();
  await expect.poll(() => isFocusVisible(page)).toBe(true);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  const lists = page.getByRole('navigation', { name: 'What is listed' });
  const stops = [
    page.getByRole('link', { name: 'Import a declaration' }),
    page.getByRole('link', { name: 'Register an event type' }),
    lists.getByRole('link', { name: 'Event types' }),
    lists.getByRole('link', { name: 'Fields' }),
    page.getByRole('searchbox', { name: 'Search event types' }),
    page.getByRole('button', { name: /Owner/ }),
    page.getByRole('button', { name: /Tier/ }),
    page.getByRole('button', { name: /Declaration/ }),
    page.getByRole('button', { name: /Fields that hold/ }),
    page.getByRole('switch', { name: 'Only mine' }),
    // The whole table is one stop: its first row.
    page.getByRole('row').nth(1),
  ];
  for (const stop of stops) {
    await page.keyboard.press('Tab');
    await expect(stop).toBeFocused();
    // The ring may come a moment after the focus.
    await expect
      .poll(() => isFocusVisible(page), { message: String(stop) })
      .toBe(true);
  }
  // In the table the arrows move, and Enter follows the link of a row.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/catalog\/default\/eventtype\//);
  await page.context().close();
});

test('dialogs keep the focus and give it back', async ({ browser }) => {
  const page = await openPortal(browser, 'Owner');
  await page.goto(
    `${millrace.portalUrl}/delivery/write-keys?q=Checkout+service`,
  );
  const opener = page.getByRole('button', { name: 'Create a write key' });
  await opener.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  for (let stop = 0; stop < 20; stop += 1) {
    await page.keyboard.press('Tab');
    await expect(dialog.locator(':focus')).toHaveCount(1);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();

  const row = page.getByRole('row', { name: /Checkout service/ });
  await page.getByRole('searchbox').focus();
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(row).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const revoke = page.getByRole('button', { name: 'Revoke', exact: true });
  await revoke.focus();
  await page.keyboard.press('Enter');
  const confirm = page.getByRole('dialog', { name: /^Revoke/ });
  await expect(confirm).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(confirm).toBeHidden();
  await expect(revoke).toBeFocused();
  await page.context().close();
});
