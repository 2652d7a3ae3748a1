import type { JsonValue } from '@backstage/types';

/** Sorts keys, so that only their order is not compared. */
export function sorted(value: JsonValue | undefined): string {
  return JSON.stringify(value, (_key, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(
          Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : each,
  );
}

/** Chance from a seed, so that a failure comes back. */
export function chanceFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const pick = <T>(items: readonly T[]): T =>
    items[Math.floor(next() * items.length)];
  return { next, pick };
}

const ODD_TEXTS = [
  '2024-01-31',
  '2022-11-15T02:59:43Z',
  'yes',
  'null',
  '~',
  '0x1F',
  '1_000',
  '12:30:45',
  '- a: b # c',
  ' leading and trailing ',
  'line one\nline two\n\n',
  'tab\tand "quotes" \u0007 \u2028',
  '*alias &anchor !tag',
  '<script>alert(1)</script>',
  "'; DROP TABLE contracts; --",
  '🦆',
  '',
];

function randomJson(
  chance: ReturnType<typeof chanceFrom>,
  depth = 0,
): JsonValue {
  const { next, pick } = chance;
  const kind = pick(depth < 3 ? [0, 1, 2, 3, 4, 5] : [0, 1, 2]);
  switch (kind) {
    case 0:
      return pick(ODD_TEXTS);
    case 1:
      return pick([0, -1, 1.5, 1e21, 2 ** 53 - 1, 0.1]);
    case 2:
      return pick([true, false, null]);
    case 3:
      return Array.from({ length: Math.floor(next() * 4) }, () =>
        randomJson(chance, depth + 1),
      );
    default:
      return Object.fromEntries(
        Array.from({ length: Math.floor(next() * 4) }, () => [
          `${pick(['x-', 'a b', '1', '~/', '<<x', 'ü', '? '])}${Math.floor(
            next() * 100,
          )}`,
          randomJson(chance, depth + 1),
        ]),
      );
  }
}

/** Adds keys that nobody knows, and shuffles the order of all, everywhere. */
export function sprinkle(
  value: JsonValue,
  chance: ReturnType<typeof chanceFrom>,
): JsonValue {
  if (Array.isArray(value)) {
    return value.map(item => sprinkle(item, chance));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(
    ([key, item = null]) => [key, sprinkle(item, chance)] as const,
  );
  while (chance.next() < 0.4) {
    entries.push([`x-${Math.floor(chance.next() * 1e6)}`, randomJson(chance)]);
  }
  return Object.fromEntries(
    entries
      .map(entry => ({ entry, at: chance.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ entry }) => entry),
  );
}
