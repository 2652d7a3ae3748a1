import { ConsoleMessage, expect, Page } from '@playwright/test';

/** Collects what a page complains about, to be empty at the end of a test. */
export function watchForErrors(page: Page): () => string[] {
  const errors: string[] = [];
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() === 'error') {
      errors.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on('pageerror', error => errors.push(`${page.url()}: ${error.stack}`));
  return () => errors;
}

/** One of the demo identities, as its card is called. */
export type Identity = 'Developer' | 'Owner' | 'Platform team';

/** Signs in by choosing one of the demo identities. */
export async function signIn(
  page: Page,
  portalUrl: string,
  identity: Identity,
): Promise<void> {
  await page.goto(portalUrl);
  await page.getByRole('heading', { name: identity }).click();
  await expect(page).toHaveURL(/\/delivery/);
}

/** Switches between the light and the dark theme, as a person would. */
export async function chooseTheme(
  page: Page,
  portalUrl: string,
  theme: 'light' | 'dark',
): Promise<void> {
  await page.goto(`${portalUrl}/settings`);
  await page
    .getByRole('button', { name: new RegExp(theme, 'i') })
    .first()
    .click();
}
