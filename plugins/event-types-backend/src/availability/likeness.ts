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
  if (length < MIN_LENGTH || Math.abs(a.length - b.length) > most) {
    return undefined;
  }
  const distance = editDistance(a, b, most);
  return distance <= most && withoutNumbers(a) !== withoutNumbers(b)
    ? distance
    : undefined;
}

function withoutNumbers(name: string): string {
  return name.replaceAll(/[0-9]/g, '');
}

/**
 * Insertions, deletions, replacements and swaps of neighbours between two texts;
 * more than `most` are not counted. Places further apart than that cannot be part
 * of a cheaper way, so they are never looked at.
 */
function editDistance(a: string, b: string, most: number): number {
  const far = most + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) =>
    Math.min(j, far),
  );
  for (let i = 1; i <= a.length; i += 1) {
    const current: number[] = Array(b.length + 1).fill(far);
    current[0] = Math.min(i, far);
    let least = current[0];
    const end = Math.min(b.length, i + most);
    for (let j = Math.max(1, i - most); j <= end; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let cell = Math.min(
        previous[j] + 1,
        current[j - 1] + 1,
        previous[j - 1] + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cell = Math.min(cell, beforePrevious[j - 2] + 1);
      }
      current[j] = cell;
      least = Math.min(least, cell);
    }
    if (least > most) {
      return far;
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}
