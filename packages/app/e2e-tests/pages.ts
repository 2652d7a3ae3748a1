import { expect, Locator, Page } from '@playwright/test';
import { Identity } from './browser';

/** The event type that the pages are shown with; the estate declares it. */
export const ORDER_PLACED = 'shop.order_placed';
/** One that is declared and of which nobody has sent anything. */
const PAGE_VIEWED = 'shop.page_viewed';

const typePage = (name: string, tab = '') =>
  `/catalog/default/eventtype/${name}${tab && `/${tab}`}`;

/**
 * A page in one of its states. The state is reached for real, by what a person
 * would do or by who they are: nothing is made up for it.
 */
export interface PageState {
  /** Of the picture, and of the test: `delivery`, `refused-denied`. */
  name: string;
  path: string;
  /** What is there once the page has loaded. */
  ready: (page: Page) => Locator;
  /** Whom it is shown to. */
  as: Identity;
  /** What is done on it to reach the state. */
  reach?: (page: Page) => Promise<void>;
}

const text = (wanted: string | RegExp) => (page: Page) =>
  page.getByText(wanted).filter({ visible: true }).first();
const row = (name: string | RegExp) => (page: Page) =>
  page.getByRole('row', { name }).first();

/** Some row of the table, whichever has come first. */
const rows = (page: Page) => page.getByRole('rowheader').first();

const refusedOf = (page: Page) =>
  page.getByRole('region', { name: 'Refused events' });

async function openKey(page: Page): Promise<Locator> {
  await page.getByRole('link', { name: 'Checkout service' }).click();
  const panel = page.getByRole('dialog');
  await expect(
    panel.getByRole('table', { name: /each gateway/ }),
  ).toBeVisible();
  return panel;
}

async function openFirstPartition(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: 'Partitions', exact: true })
    .getByRole('row')
    // Sealed, and not empty.
    .filter({ hasText: '100 %' })
    .getByRole('link')
    .first()
    .click();
  await expect(page.getByRole('table', { name: /Rows/ })).toBeVisible();
}

/** Opens the fix of the events that lack a field. */
export async function openFix(page: Page, group: RegExp): Promise<Locator> {
  const refused = refusedOf(page);
  await refused
    .getByRole('button', { name: /^Fix and replay: / })
    .and(refused.getByRole('button', { name: group }))
    .click();
  return page.getByRole('dialog');
}

async function fillInRegistration(page: Page): Promise<void> {
  await page.getByLabel('Name').first().fill('shop.order_paid');
  await page.getByLabel('Description').first().fill('An order was paid.');
  await page.getByLabel('Name of field 1').fill('order_id');
  await page.getByRole('button', { name: 'Add a field' }).click();
  await page.getByLabel('Name of field 2').fill('amount');
  await expect(text('order_id')(page)).toBeVisible();
}

/**
 * Every page of Millrace in every state that can be reached on an installation
 * that works: one line per page. Pictures of the docs are among them.
 */
export const PAGE_STATES: PageState[] = [
  {
    name: 'delivery',
    path: '/delivery',
    ready: rows,
    as: 'Owner',
  },
  {
    name: 'delivery-no-match',
    path: '/delivery?q=nothing+like+this',
    ready: text('No event type fits.'),
    as: 'Owner',
  },
  {
    name: 'delivery-chart-as-table',
    path: '/delivery',
    ready: rows,
    as: 'Owner',
    reach: page =>
      page
        .getByRole('button', { name: /^Show as a table/ })
        .first()
        .click(),
  },
  {
    name: 'audit',
    path: '/delivery/audit',
    ready: text(/live partitions were audited|No findings/),
    as: 'Platform team',
  },
  {
    name: 'rollouts',
    path: '/delivery/rollouts',
    ready: text(/Generation \d+ /),
    as: 'Platform team',
  },
  {
    name: 'operations',
    path: '/delivery/operations',
    ready: page => page.getByRole('table', { name: 'Workers and gateways' }),
    as: 'Platform team',
  },
  {
    name: 'operations-looking',
    path: '/delivery/operations',
    ready: page => page.getByRole('table', { name: 'Workers and gateways' }),
    as: 'Developer',
  },
  {
    name: 'repair',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: text('Partitions'),
    as: 'Platform team',
    reach: async page => {
      await openFirstPartition(page);
      await page
        .getByRole('button', { name: /^Repair this partition/ })
        .click();
      await page.getByText('Redeliver.').click();
      await page.getByRole('button', { name: 'Preview' }).click();
      await expect(
        page.getByRole('table', { name: 'Counts before and after' }),
      ).toBeVisible();
    },
  },
  {
    name: 'refused-all',
    path: '/delivery/refused',
    ready: row(/shop.order_placed/),
    as: 'Platform team',
  },
  {
    name: 'refused-denied',
    path: '/delivery/refused',
    ready: text('You may not see the refused events of all types'),
    as: 'Developer',
  },
  {
    name: 'write-keys',
    path: '/delivery/write-keys',
    ready: row(/Checkout service/),
    as: 'Owner',
  },
  {
    name: 'write-keys-create',
    path: '/delivery/write-keys?create=',
    ready: page => page.getByRole('dialog').getByLabel('Producer'),
    as: 'Owner',
  },
  {
    name: 'write-key',
    path: '/delivery/write-keys',
    ready: row(/Checkout service/),
    as: 'Owner',
    reach: async page => {
      const panel = await openKey(page);
      await panel.getByRole('button', { name: 'Revoke' }).click();
      await expect(text(/cannot be taken back/)(page)).toBeVisible();
    },
  },
  {
    name: 'event-types',
    path: '/event-types',
    ready: rows,
    as: 'Owner',
  },
  {
    name: 'event-types-filtered',
    path: '/event-types?mine=true&tier=critical&sort=-fields',
    ready: rows,
    as: 'Owner',
  },
  {
    name: 'event-types-no-match',
    path: '/event-types?q=nothing+like+this',
    ready: text('No event type fits.'),
    as: 'Developer',
  },
  {
    name: 'register',
    path: '/event-types/register',
    ready: page => page.getByLabel('Name of field 1'),
    as: 'Owner',
    reach: fillInRegistration,
  },
  {
    name: 'event-type-overview',
    path: typePage(ORDER_PLACED),
    ready: text('Provisioned'),
    as: 'Owner',
  },
  {
    name: 'event-type',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: text('Partitions'),
    as: 'Owner',
  },
  {
    name: 'event-type-empty',
    path: typePage(PAGE_VIEWED, 'delivery'),
    ready: text(/No partition/),
    as: 'Owner',
  },
  {
    name: 'event-type-refused-denied',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: text('You may not see the refused events'),
    as: 'Developer',
  },
  {
    name: 'schema',
    path: typePage(ORDER_PLACED, 'schema'),
    ready: text('customer_email'),
    as: 'Owner',
  },
  {
    name: 'partition',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: text('Partitions'),
    as: 'Owner',
    reach: openFirstPartition,
  },
  {
    name: 'refused',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: page => refusedOf(page).getByRole('button', { name: /^Show event/ }),
    as: 'Owner',
    reach: async page => {
      const refused = refusedOf(page);
      await refused
        .getByRole('button', { name: /^Show event/ })
        .first()
        .click();
      await expect(refused.getByText(/is missing here/).first()).toBeVisible();
      // The whole list would be as tall as a house.
      await refused.evaluate(section => section.scrollIntoView());
    },
  },
  {
    name: 'replay-preview',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: page => refusedOf(page).getByRole('button', { name: /^Show event/ }),
    as: 'Owner',
    reach: async page => {
      const dialog = await openFix(page, /required field is missing/);
      await dialog.getByLabel('Value of change 1').fill('0');
      await expect(dialog).toContainText('would be accepted');
    },
  },
  {
    name: 'data-endpoint',
    path: `/catalog/default/dataendpoint/${ORDER_PLACED}`,
    ready: text('Provisioned'),
    as: 'Owner',
  },
  {
    name: 'not-found',
    path: '/delivery/write-keys?key=nosuchkey',
    ready: text('There is no such write key'),
    as: 'Owner',
  },
];

/** Opens a page and brings it into its state. */
export async function openPage(
  page: Page,
  portalUrl: string,
  state: PageState,
): Promise<void> {
  await page.goto(`${portalUrl}${state.path}`);
  await expect(state.ready(page).first()).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await state.reach?.(page);
}
