/** Longer names may differ in more letters and still be taken for each other. */
const LONG_NAME = 12;
const MIN_LENGTH = 5;

/**
 * How many typing errors apart two names are, if so few that one may be taken for
 * the other. Names that differ only in a number are meant to.
 *
 * @returns undefined when they are clearly different
 */
export function likeness(a: string, b: string): number | undefined {
  const length = Math.min(a.length, b.length);
  const most = length >= LONG_NAME ? 2 : 1;
  if (
    length < MIN_LENGTH ||
    Math.abs(a.length - b.length) > most ||
    withoutNumbers(a) === withoutNumbers(b)
  ) {
    return undefined;
  }
  const distance = editDistance(a, b, most);
  return distance <= most ? distance : undefined;
}

function withoutNumbers(name: string): string {
  return name.replaceAll(/[0-9]/g, '');
}

/**
 * Insertions, deletions, replacements and swaps of neighbours between two texts;
 * gives up once there are more than `most`.
 */
function editDistance(a: string, b: string, most: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      current[j] = Math.min(
        previous[j] + 1,
        current[j - 1] + 1,
        previous[j - 1] + cost,
      );
      const isSwap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) {
        current[j] = Math.min(current[j], beforePrevious[j - 2] + 1);
      }
    }
    if (Math.min(...current) > most) {
      return most + 1;
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}
