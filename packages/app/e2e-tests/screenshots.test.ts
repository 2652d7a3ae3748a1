import path from 'node:path';
import { Browser, expect, Page, test } from '@playwright/test';
import { showIn, violationsOf } from './accessibility';
import { Identity, signIn } from './browser';
import { Installation, startInstallation } from './installation';
import { sendTraffic } from './misfits';
import {
  openFix,
  openPage,
  ORDER_PLACED,
  PAGE_STATES,
  PageState,
} from './pages';

/**
 * Takes the pictures of the docs from a real Millrace with the real demo:
 *
 *   MILLRACE_SCREENSHOTS=docs/images npm run e2e
 *
 * Every state of `pages.ts` in both themes, at one width; those of `WIDE` at the
 * ends of what is drawn for as well. A page that violates WCAG 2.1 AA gets its
 * picture, and the run fails.
 */
const folder = path.resolve(process.env.MILLRACE_SCREENSHOTS ?? '');
const WIDTH = 1360;
const HEIGHT = 860;
const WIDE = [
  { name: 'delivery', widths: [1280, 2560] },
  { name: 'event-types', widths: [1280, 2560] },
];
const WANTED_PARTITIONS = 4;
const ORDER_PAGE = `/catalog/default/eventtype/${ORDER_PLACED}/delivery`;

/** States that the installation itself has to be in. */
const REPLAY_PROOF: PageState = {
  name: 'replay-proof',
  path: ORDER_PAGE,
  ready: page => page.getByRole('table', { name: 'Replays, newest first' }),
  as: 'Owner',
  reach: async page => {
    await page
      .getByRole('table', { name: 'Replays, newest first' })
      .getByRole('link')
      .first()
      .click();
    await expect(page.getByRole('dialog')).toContainText('landed exactly once');
  },
};
const GATEWAY_GONE: PageState = {
  name: 'delivery-gateway-gone',
  path: '/delivery',
  ready: page => page.getByText('No gateway is alive').first(),
  as: 'Platform team',
};
const UNREACHABLE: PageState = {
  name: 'delivery-unreachable',
  path: '/delivery',
  ready: page => page.getByRole('rowheader').first(),
  as: 'Platform team',
  reach: async page => {
    await page.context().setOffline(true);
    await expect(page.getByRole('alert').first()).toBeVisible();
  },
};

let millrace: Installation;

test.beforeAll(async () => {
  millrace = await startInstallation('--bucket', 'PT1M');
});
test.afterAll(() => millrace?.stop());

test('the pictures of the docs', async ({ browser }) => {
  test.setTimeout(25 * 60_000);
  await sendTraffic(millrace, ORDER_PLACED);
  await everyTypeHasPartitions();
  await replayMisfits(browser);

  for (const identity of ['Developer', 'Owner', 'Platform team'] as const) {
    const page = await openPortal(browser, identity);
    for (const state of [...PAGE_STATES, REPLAY_PROOF]) {
      if (state.as === identity) {
        await takePictures(page, state);
      }
    }
    if (identity === 'Platform team') {
      await withoutGateway(() => takePictures(page, GATEWAY_GONE));
      await takePictures(page, UNREACHABLE);
    }
    await page.context().close();
  }
});

async function openPortal(browser: Browser, identity: Identity): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await signIn(page, millrace.portalUrl, identity);
  return page;
}

/** Of one state, which stays as it is while the theme and the width change. */
async function takePictures(page: Page, state: PageState): Promise<void> {
  await test.step(state.name, async () => {
    const widths = WIDE.find(({ name }) => name === state.name)?.widths ?? [];
    await showIn(page, 'light');
    await openPage(page, millrace.portalUrl, state);
    for (const theme of ['light', 'dark'] as const) {
      await showIn(page, theme);
      await page.screenshot({
        path: `${folder}/${state.name}-${theme}.png`,
        // Where the files of this machine lie is nobody's business.
        mask: [page.getByText(/^(file|url):/)],
        maskColor: '#999999',
      });
      expect
        .soft(await violationsOf(page), `${state.name}, ${theme}`)
        .toEqual([]);
      for (const width of widths) {
        await page.setViewportSize({ width, height: HEIGHT });
        await page.screenshot({
          path: `${folder}/${state.name}-${width}-${theme}.png`,
        });
      }
      await page.setViewportSize({ width: WIDTH, height: HEIGHT });
    }
  });
}

/** Stops the gateway where it is, as a machine that hangs would. */
async function withoutGateway(look: () => Promise<void>): Promise<void> {
  const gateway = (await millrace.processes()).find(
    ({ role }) => role === 'gateway',
  )!;
  process.kill(gateway.pid, 'SIGSTOP');
  try {
    await look();
  } finally {
    process.kill(gateway.pid, 'SIGCONT');
  }
}

/** Brings one group back before the pictures, so that they show a proof. */
async function replayMisfits(browser: Browser): Promise<void> {
  const page = await openPortal(browser, 'Owner');
  await page.goto(`${millrace.portalUrl}${ORDER_PAGE}`);
  const dialog = await openFix(page, /field is not in the schema/);
  await dialog.getByLabel('Reason').fill('The coupon is not part of an order');
  await dialog.getByRole('button', { name: /^Start: send/ }).click();
  await expect(page.getByRole('dialog')).toContainText('landed exactly once', {
    timeout: 5 * 60_000,
  });
  await page.context().close();
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
