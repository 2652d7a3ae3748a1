/**
 * Holds figures against their bars. A figure that is missing or not a number
 * misses its bar.
 *
 * @param {Record<string, number>} figures
 * @param {Record<string, { atLeast: number } | { atMost: number }>} bars
 * @returns {{ name: string, figure: number, bar: string, isMet: boolean }[]}
 */
export function judgeBars(figures, bars) {
  return Object.entries(bars).map(([name, { atLeast, atMost }]) => {
    const figure = figures[name];
    const isMet = atLeast !== undefined ? figure >= atLeast : figure <= atMost;
    const bar =
      atLeast !== undefined ? `at least ${atLeast}` : `at most ${atMost}`;
    return { name, figure, bar, isMet };
  });
}
