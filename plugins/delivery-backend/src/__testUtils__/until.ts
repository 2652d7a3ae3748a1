/** Waits for a condition, and fails when it does not come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error(`Waited ${limitMs} ms in vain for ${condition}`);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
