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

const partitionsOf = (page: Page) =>
  page.getByRole('region', { name: 'Partitions', exact: true });

/** Some partition of the table. */
const partitions = (page: Page) => partitionsOf(page).getByRole('row').nth(1);

async function openFirstPartition(page: Page): Promise<void> {
  await partitionsOf(page)
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

const goOn = (page: Page, step: string) =>
  page.getByRole('button', { name: `Next: ${step}` }).click();

async function sayWhatItIs(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: /^Name/ }).fill('shop.order_paid');
  await page
    .getByRole('textbox', { name: /^Description/ })
    .fill('An order was paid.');
  await expect(text('shop.order_paid is free')(page)).toBeVisible();
  await expect(
    page.getByRole('button', { name: /webhooks/ }).first(),
  ).toBeVisible();
}

async function describeFields(page: Page): Promise<void> {
  await sayWhatItIs(page);
  await goOn(page, 'Schema');
  await page.getByLabel('Name of field 1').fill('order_id');
  await page.getByRole('button', { name: 'Add a field' }).click();
  await page.getByLabel('Name of field 2').fill('customer_email');
  await expect(row(/customer_email string/)(page)).toBeVisible();
}

async function decideFields(page: Page): Promise<void> {
  await describeFields(page);
  await goOn(page, 'Privacy');
  await expect(text(/1 field to decide of 2/)(page)).toBeVisible();
}

/** What is left undecided is among what the review finds. */
async function reviewRegistration(page: Page): Promise<void> {
  await describeFields(page);
  await page.getByRole('button', { name: /^5\. Review/ }).click();
  await expect(text('event.shop.order_paid')(page)).toBeVisible();
  await expect(text(/has to be corrected first/)(page)).toBeVisible();
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
    ready: partitions,
    as: 'Platform team',
    reach: async page => {
      await openFirstPartition(page);
      await page
        .getByRole('button', { name: /^Repair this partition/ })
        .click();
      await page.getByText('Redeliver.').click();
      await page.getByRole('button', { name: 'Preview' }).click();
      await expect(
        page.getByRole('textbox', { name: /^Reason/ }),
      ).toBeVisible();
    },
  },
  {
    name: 'refused-all',
    path: '/delivery/refused',
    ready: row(/unknown_field|missing_field|wrong_type/),
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
    path: '/event-types?mine=true&tier=critical&sort=-version',
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
    name: 'fields',
    path: '/event-types/fields?semanticType=personal',
    ready: rows,
    as: 'Owner',
  },
  {
    name: 'search',
    path: '/search?query=customer_email',
    ready: page => page.getByRole('link', { name: ORDER_PLACED }),
    as: 'Developer',
  },
  {
    name: 'register',
    path: '/event-types/register',
    ready: page => page.getByRole('textbox', { name: /^Name/ }),
    as: 'Owner',
    reach: sayWhatItIs,
  },
  {
    name: 'register-schema',
    path: '/event-types/register',
    ready: page => page.getByRole('textbox', { name: /^Name/ }),
    as: 'Owner',
    reach: describeFields,
  },
  {
    name: 'register-privacy',
    path: '/event-types/register',
    ready: page => page.getByRole('textbox', { name: /^Name/ }),
    as: 'Owner',
    reach: decideFields,
  },
  {
    name: 'register-review',
    path: '/event-types/register',
    ready: page => page.getByRole('textbox', { name: /^Name/ }),
    as: 'Owner',
    reach: reviewRegistration,
  },
  {
    name: 'edit-declared-as-code',
    path: `/event-types/${ORDER_PLACED}/edit`,
    ready: text(/is declared as code, and is changed there/),
    as: 'Owner',
  },
  {
    name: 'event-type-overview',
    path: typePage(ORDER_PLACED),
    ready: text(/first partition was sealed/),
    as: 'Owner',
  },
  {
    name: 'event-type-new',
    path: typePage(PAGE_VIEWED),
    ready: text('First event accepted'),
    as: 'Owner',
    reach: page =>
      page.getByRole('button', { name: 'Send a test event' }).click(),
  },
  {
    name: 'event-type',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: partitions,
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
    name: 'code',
    path: typePage(ORDER_PLACED, 'code'),
    ready: page => page.getByRole('region', { name: /declaration as YAML/ }),
    as: 'Owner',
  },
  {
    name: 'contract',
    path: typePage(ORDER_PLACED, 'contract'),
    ready: page => page.getByRole('table', { name: 'Service levels' }),
    as: 'Owner',
  },
  {
    name: 'import-declaration',
    path: '/event-types/import',
    ready: page => page.getByRole('textbox', { name: /^Declaration/ }),
    as: 'Owner',
    reach: async page => {
      await page.getByRole('textbox', { name: /^Declaration/ }).fill(
        `apiVersion: millrace.io/v1alpha1
kind: EventType
metadata:
  name: shop.order_shipped
  description: An order left the warehouse
spec:
  owner: group:default/webhooks
  tier: urgent
  schema:
    type: record
    name: order_shipped
    fields:
      - { name: email, type: string }
`,
      );
      await expect(text(/It cannot be taken in/)(page)).toBeVisible();
    },
  },
  {
    name: 'partition',
    path: typePage(ORDER_PLACED, 'delivery'),
    ready: partitions,
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
    ready: text(/first partition was sealed/),
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
