import AxeBuilder from '@axe-core/playwright';
import { expect, Page } from '@playwright/test';

/** The levels of WCAG that the portal keeps. */
const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/**
 * What is not ours to mend: the results of Backstage's search page are list
 * items without a list, whoever draws what is in them.
 */
const isOfBackstage = (rule: string, html: string) =>
  rule === 'listitem' && html.includes('MuiListItem-divider');

/**
 * What axe finds wrong with a page as it is at this moment, one line per
 * element; empty when it finds nothing.
 */
export async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(LEVELS)
    // Where React Aria speaks for a moment, by the name of what may be gone since.
    .exclude('[data-live-announcer]')
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .filter(({ html }) => !isOfBackstage(id, html))
      .map(
        ({ target, failureSummary }) =>
          `${id}: ${target.join(' ')}: ${failureSummary?.replaceAll(
            /\s+/g,
            ' ',
          )}`,
      ),
  );
}

/** As long as nobody chose a theme, the portal has that of the system. */
export async function showIn(
  page: Page,
  theme: 'light' | 'dark',
): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await expect(
    page.locator(`[data-theme-mode="${theme}"]`).first(),
  ).toBeAttached();
  // A card may draw itself anew: what is still loading is not the page yet.
  await expect(page.locator('.MuiCircularProgress-root')).toHaveCount(0);
}

/** What axe finds in either theme; the page is left in the light one. */
export async function violationsInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['dark', 'light'] as const) {
    await showIn(page, theme);
    found.push(...(await violationsOf(page)).map(each => `${theme}: ${each}`));
  }
  return found;
}

/** By how many pixels a page is wider than its window; 0 when it fits. */
export async function overhangOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}
