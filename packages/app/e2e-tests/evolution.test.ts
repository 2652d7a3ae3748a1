import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, Page, test } from '@playwright/test';
import { violationsInBothThemes } from './accessibility';
import { signIn, watchForErrors } from './browser';
import { Installation, startInstallation } from './installation';
import { press, type } from './keyboard';
import { registerEventType } from './registration';

const ROOT = path.resolve(__dirname, '../../..');
const FROM_PORTAL = 'e2e.invoice_sent';
const IMPORTED = 'e2e.invoice_paid';
const FROM_FILE = 'e2e.parcel_sent';

interface Field {
  name: string;
  type: string | string[];
  default?: null;
}

let millrace: Installation;
let folder: string;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-repository-'));
  await declare([{ name: 'parcel_id', type: 'string' }]);
  const settings = path.join(folder, 'settings.yaml');
  await fs.writeFile(
    settings,
    JSON.stringify({
      catalog: {
        processingInterval: { seconds: 3 },
        locations: [
          {
            type: 'file',
            target: path.join(ROOT, 'examples/estate/org.yaml'),
            rules: [{ allow: ['User', 'Group'] }],
          },
          { type: 'file', target: declarationFile() },
        ],
      },
    }),
  );
  millrace = await startInstallation(
    '--no-demo',
    '--bucket',
    'PT10S',
    '--config',
    settings,
  );
});
test.afterAll(async () => {
  await millrace?.stop();
  await fs.rm(folder, { recursive: true, force: true });
});

test('an event type that is declared in a file is registered, follows its file, and keeps its schema when the file breaks it', async ({
  page,
}) => {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');

  await test.step('it is in the list without anybody having filled in a form', async () => {
    await page.goto(`${millrace.portalUrl}/event-types`);
    await page.getByRole('link', { name: FROM_FILE, exact: true }).click();
    await expect(page).toHaveURL(pageOf(FROM_FILE));
    await expect(page.getByText('as YAML beside the code')).toBeVisible();
    await expect(page.getByText(declarationFile()).first()).toBeVisible();
    await expect(page.getByText('It is changed in its file.')).toBeVisible();
    await expect(
      page.getByRole('link', { name: `Edit ${FROM_FILE}` }),
    ).toHaveCount(0);
  });

  await test.step('it is provisioned: the page waits for its first event', async () => {
    await expect(page.locator('[aria-current="step"]')).toContainText(
      'First event accepted',
    );
  });

  await test.step('a field that is added to the file becomes version 2', async () => {
    await declare([
      { name: 'parcel_id', type: 'string' },
      { name: 'weight_g', type: ['null', 'long'], default: null },
    ]);
    await expect(async () => {
      await page.goto(`${pageOf(FROM_FILE)}/schema`);
      await expect(page.getByText(/^Version 2, the newest/)).toBeVisible({
        timeout: 3_000,
      });
    }).toPass({ timeout: 60_000 });
    await expect(
      page.getByRole('button', { name: 'Change the schema' }),
    ).toHaveCount(0);
  });

  await test.step('a type that is changed in the file is refused, and the page names the field', async () => {
    await declare([
      { name: 'parcel_id', type: 'long' },
      { name: 'weight_g', type: ['null', 'long'], default: null },
    ]);
    await expect(async () => {
      await page.goto(pageOf(FROM_FILE));
      await expect(
        page.getByText(
          'The type of field parcel_id changed from string to long',
        ),
      ).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByText(/^version 2, 2 fields/)).toBeVisible();
  });

  await test.step('the corrected file is in force again', async () => {
    await declare([
      { name: 'parcel_id', type: 'string' },
      { name: 'weight_g', type: ['null', 'long'], default: null },
    ]);
    await expect(async () => {
      await page.goto(pageOf(FROM_FILE));
      await expect(page.getByText(/^version 2, 2 fields/)).toBeVisible({
        timeout: 3_000,
      });
      await expect(
        page.getByText('The newest declaration was refused'),
      ).toHaveCount(0);
    }).toPass({ timeout: 60_000 });
  });
  expect(errors()).toEqual([]);
});

test('an owner evolves a schema, and a change that would break is refused with the field named', async ({
  page,
}) => {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');
  await registerEventType(page, {
    name: FROM_PORTAL,
    description: 'An invoice was sent.',
    fields: [
      ['invoice_id', 'string'],
      ['amount_cents', 'integer'],
    ],
  });
  const verdict = page.getByRole('region', { name: 'What would happen' });

  await test.step('a field that may be missing is allowed, and published', async () => {
    await changeTheSchema(page);
    await press(page.getByRole('button', { name: 'Add a field' }));
    await type(page.getByLabel('Name of field 3'), 'note');
    const required = page.getByRole('checkbox', { name: 'Require field 3' });
    await required.focus();
    if (await required.isChecked()) await page.keyboard.press('Space');
    await expect(verdict).toContainText(
      'Decide first what a field holds about persons',
    );
    expect(await violationsInBothThemes(page)).toEqual([]);
    await press(page.getByRole('button', { name: /^Take it: note holds/ }));
    await expect(verdict).toContainText(
      'It becomes version 2: 1 difference, all allowed',
    );
    await press(page.getByRole('button', { name: 'Publish version 2' }));
    await expect(page.getByText(/^Version 2, the newest/)).toBeVisible();
  });

  await test.step('the versions stand side by side', async () => {
    await press(
      page.getByRole('button', {
        name: 'Compare version 2 with the one before',
      }),
    );
    const differences = page.getByRole('region', { name: 'Differences' });
    await expect(differences).toContainText(
      'From version 1 to version 2: 1 difference',
    );
    await expect(
      differences.getByRole('row', { name: /^note .*safe$/ }),
    ).toBeVisible();
  });

  await test.step('a type that changes is refused, with the field, why and what to do', async () => {
    await changeTheSchema(page);
    await press(page.getByRole('button', { name: /Type of field 2/ }));
    await press(page.getByRole('option', { name: 'boolean', exact: true }));
    await expect(verdict).toContainText('Refused in mode');
    const row = verdict.getByRole('row', { name: /^amount_cents/ }).first();
    await expect(row).toContainText('breaks');
    await expect(row).toContainText('An event that would not read');
    expect(await violationsInBothThemes(page)).toEqual([]);
    await expect(
      page.getByRole('button', { name: 'Publish', exact: true }),
    ).toBeDisabled();
    await expect(
      page.getByRole('button', { name: 'Ask for a new major version' }),
    ).toBeEnabled();
  });

  await test.step('nothing was changed', async () => {
    await press(page.getByRole('button', { name: 'Cancel' }));
    await expect(page.getByText(/^Version 2, the newest/)).toBeVisible();
  });
  expect(errors()).toEqual([]);
});

test('what is exported can be imported, and gives the same', async ({
  page,
}) => {
  const errors = watchForErrors(page);
  await signIn(page, millrace.portalUrl, 'Owner');
  const exported = path.join(folder, 'exported.yaml');
  await exportTo(page, FROM_PORTAL, exported);
  const status = page
    .getByRole('region', { name: 'What would happen' })
    .getByRole('status');

  await test.step('taken in again it changes nothing', async () => {
    await page.goto(`${millrace.portalUrl}/event-types/import`);
    await page.getByLabel('File').setInputFiles(exported);
    await expect(status).toContainText(
      `Nothing would change: ${FROM_PORTAL} is registered like this.`,
    );
  });

  await test.step('under another name it is another event type, the same in all else', async () => {
    const text = await fs.readFile(exported, 'utf8');
    const renamed = text.replaceAll(FROM_PORTAL, IMPORTED);
    expect(renamed).not.toBe(text);
    await page.getByRole('textbox', { name: /^Declaration/ }).fill(renamed);
    await expect(status).toContainText(
      `${IMPORTED} would be registered, with 3 fields`,
    );
    await press(page.getByRole('button', { name: `Register ${IMPORTED}` }));
    await expect(page).toHaveURL(pageOf(IMPORTED));
    const again = path.join(folder, 'again.yaml');
    await exportTo(page, IMPORTED, again);
    expect(await fs.readFile(again, 'utf8')).toBe(renamed);
  });
  expect(errors()).toEqual([]);
});

function pageOf(name: string): string {
  return `${millrace.portalUrl}/catalog/default/eventtype/${name}`;
}

async function changeTheSchema(page: Page): Promise<void> {
  const entityPage = new URL(page.url()).pathname.replace(/\/schema$/, '');
  await page.goto(`${millrace.portalUrl}${entityPage}/schema`);
  await press(page.getByRole('button', { name: 'Change the schema' }));
  const asFields = page.getByRole('radio', { name: 'List the fields' });
  await asFields.focus();
  await page.keyboard.press('Space');
  await expect(asFields).toBeChecked();
}

/** Downloads the declaration of an event type from its page. */
async function exportTo(page: Page, name: string, file: string): Promise<void> {
  await page.goto(`${pageOf(name)}/code`);
  const download = page.waitForEvent('download');
  await press(page.getByRole('button', { name: `Download ${name}.yaml` }));
  await (await download).saveAs(file);
}

function declarationFile(): string {
  return path.join(folder, 'event-types.yaml');
}

/** Writes the file that declares the event type; JSON is YAML. */
async function declare(fields: Field[]): Promise<void> {
  const declaration = {
    apiVersion: 'millrace.io/v1alpha1',
    kind: 'EventType',
    metadata: { name: FROM_FILE, description: 'A parcel was sent.' },
    spec: {
      owner: 'group:default/webhooks',
      tier: 'normal',
      schema: { type: 'record', name: 'parcel_sent', fields },
    },
  };
  await fs.writeFile(declarationFile(), JSON.stringify(declaration, null, 2));
}
