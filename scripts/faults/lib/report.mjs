/** @param {string} text one line of progress, for people */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * The end of a campaign: one line of JSON on standard output.
 *
 * @param {{ name: string, figures: Record<string, unknown>,
 *   bars: Record<string, number>, failures: string[] }} result `bars`: a count
 *   that must be reached when it is above 0, one that may not be exceeded when
 *   it is 0
 * @returns {number} the exit code
 */
export function conclude({ name, figures, bars, failures }) {
  for (const [figure, bar] of Object.entries(bars)) {
    const value = figures[figure];
    const isMet = bar === 0 ? value === 0 : value >= bar;
    if (!isMet) failures.push(`${figure} is ${value}, the bar is ${bar}`);
  }
  failures.forEach(failure => say(`✖ ${failure}`));
  const pass = failures.length === 0;
  process.stdout.write(`${JSON.stringify({ name, pass, figures, bars })}\n`);
  return pass ? 0 : 1;
}
