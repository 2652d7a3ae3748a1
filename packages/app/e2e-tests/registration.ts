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
  const next = (step: string) =>
    press(page.getByRole('button', { name: `Next: ${step}` }));
  await type(page.getByRole('textbox', { name: /^Name/ }), name);
  await type(page.getByRole('textbox', { name: /^Description/ }), description);
  await expect(page.getByText(`${name} is free`)).toBeVisible();
  // One's own group is chosen as soon as the groups are known.
  await expect(
    page.getByRole('button', { name: /webhooks/ }).first(),
  ).toBeVisible();
  await next('Schema');
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
  await next('Privacy');
  await expect(page.getByText(/^Nothing to decide: /)).toBeVisible();
  await next('Retention and volume');
  await next('Review');
  await expect(page.getByText(`event.${name}`).first()).toBeVisible();
  await press(page.getByRole('button', { name: 'Register', exact: true }));
  await expect(page).toHaveURL(
    new RegExp(`/catalog/default/eventtype/${name}$`),
  );
}
