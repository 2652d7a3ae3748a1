import { expect, Locator, Page } from '@playwright/test';

/** Puts the focus somewhere and presses Enter there, as who uses no mouse does. */
export async function press(target: Locator): Promise<void> {
  await expect(target).toBeEnabled();
  await target.focus();
  await expect(target).toBeFocused();
  await target.page().keyboard.press('Enter');
}

/** Types into a field, in place of what stands there. */
export async function type(target: Locator, text: string): Promise<void> {
  await target.focus();
  await expect(target).toBeFocused();
  const { keyboard } = target.page();
  await keyboard.press('ControlOrMeta+A');
  await keyboard.insertText(text);
}

/** Moves on with Tab until something has the focus; fails when it never does. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(target).toBeFocused({ timeout: 250 });
  }).toPass({ timeout: 20_000 });
}
