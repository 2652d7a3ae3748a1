import { expect, Page } from '@playwright/test';
import { press, type } from './keyboard';

/** What is filled in to register an event type. */
export interface Registration {
  name: string;
  description: string;
  /** Name and type of each field; `string` is what the form begins with. */
  fields: [name: string, type: string][];
}

/**
 * Registers an event type by the form, by keyboard alone, and waits for its
 * page. Everything the tests know of the form is here.
 */
export async function registerEventType(
  page: Page,
  { name, description, fields }: Registration,
): Promise<void> {
  await press(page.getByRole('link', { name: 'Event types' }).first());
  await press(page.getByRole('link', { name: /register/i }).first());
  await type(page.getByLabel('Name', { exact: false }).first(), name);
  await type(page.getByLabel('Description').first(), description);
  for (const [index, [field, fieldType]] of fields.entries()) {
    const label = `field ${index + 1}`;
    if (index > 0) {
      await press(page.getByRole('button', { name: 'Add a field' }));
    }
    await type(page.getByLabel(`Name of ${label}`), field);
    if (fieldType !== 'string') {
      await press(
        page.getByRole('button', { name: new RegExp(`Type of ${label}`) }),
      );
      await press(page.getByRole('option', { name: fieldType, exact: true }));
    }
  }
  await press(page.getByRole('button', { name: 'Register' }));
  await expect(page).toHaveURL(
    new RegExp(`/catalog/default/eventtype/${name}$`),
  );
}
