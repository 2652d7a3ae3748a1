import { STATUSES, STATUS_SHAPES } from '@millrace/plugin-data-platform-react';
import fs from 'node:fs';
import path from 'node:path';
import {
  type Colour,
  VISIONS,
  asSeenWith,
  contrastOf,
  distanceOf,
  parseColour,
} from './colour';

type Theme = 'light' | 'dark';
const THEMES: Theme[] = ['light', 'dark'];

/** WCAG 2.1 AA: 1.4.3 for text, 1.4.11 for whatever else has to be seen. */
const TEXT = 4.5;
const GRAPHIC = 3;
/** Colours nearer than this to an eye are the same to somebody in a hurry. */
const TOLD_APART = 20;

/** The style sheets in the order the portal loads them. */
const SHEETS = [
  path.join(
    path.dirname(require.resolve('@backstage/ui/package.json')),
    'dist/css/styles.css',
  ),
  path.join(
    path.dirname(require.resolve('@millrace/plugin-data-platform-react')),
    'theme/tokens.module.css',
  ),
  path.join(__dirname, 'theme.css'),
].map(file => fs.readFileSync(file, 'utf8'));

/**
 * The custom properties of a theme. The dark theme sets over the light one what
 * differs; whichever comes last holds.
 */
function readTokens(theme: Theme): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const sheet of SHEETS) {
    let isDark = false;
    for (const line of sheet.split('\n')) {
      if (line.includes('{')) {
        isDark = line.includes("[data-theme-mode='dark']");
      }
      const [, name, value] = /^\s*(--[\w-]+):\s*([^;]+);/.exec(line) ?? [];
      if (name && (!isDark || theme === 'dark')) {
        tokens.set(name, value.trim());
      }
    }
  }
  return tokens;
}

function colourReader(theme: Theme): (name: string) => Colour {
  const tokens = readTokens(theme);
  const read = (name: string): Colour => {
    const value = tokens.get(name);
    if (value === undefined) {
      throw new Error(`No style sheet sets ${name}`);
    }
    const [, reference] = /^var\((--[\w-]+)\)$/.exec(value) ?? [];
    return reference ? read(reference) : parseColour(value);
  };
  return read;
}

/** What the portal draws on: the page, cards and dialogs, fields on them. */
const SURFACES = ['--bui-bg-app', '--bui-bg-neutral-1', '--bui-bg-neutral-2'];
const TEXTS = ['--bui-fg-primary', '--bui-fg-secondary', '--mr-axis'];
const STATES = STATUSES.map(status => `--mr-${status}`);
const SERIES = [1, 2, 3, 4].map(series => `--mr-series-${series}`);
/** What has text on it: badges, the cells of the strip, buttons. */
const FILLS = [
  ['--bui-warning-fg-subdued', '--bui-warning-bg-subdued'],
  ['--bui-negative-fg-subdued', '--bui-negative-bg-subdued'],
  ['--bui-announcement-fg-subdued', '--bui-announcement-bg-subdued'],
  ['--bui-positive-fg-subdued', '--bui-positive-bg-subdued'],
  ['--bui-accent-fg', '--bui-accent-bg'],
  ['--mr-good-on-fill', '--mr-good-fill'],
];

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, at) =>
    items.slice(at + 1).map((other): [T, T] => [one, other]),
  );
}

/** What falls short, with its contrast: empty when all is well. */
function shortOf(
  least: number,
  pairs: (readonly string[])[],
  read: (name: string) => Colour,
): string[] {
  return pairs.flatMap(([over, under]) => {
    const contrast = contrastOf(read(over), read(under));
    return contrast < least
      ? [`${over} on ${under}: ${contrast.toFixed(2)}`]
      : [];
  });
}

const onEach = (names: string[], surfaces: string[]) =>
  names.flatMap(name => surfaces.map(surface => [name, surface]));

describe('the measure', () => {
  it('knows black on white and the grey that just fails', () => {
    const contrast = (one: string, other: string) =>
      contrastOf(parseColour(one), parseColour(other));
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#1d5fb8', '#1d5fb8')).toBe(1);
  });

  it('knows that red and green are one to those who see no green', () => {
    const [red, green] = ['#a05a00', '#5a7d00'].map(parseColour);
    const apart = (vision: 'usual' | 'deuteranopia') =>
      distanceOf(asSeenWith(vision, red), asSeenWith(vision, green));
    expect(apart('usual')).toBeGreaterThan(40);
    expect(apart('deuteranopia')).toBeLessThan(apart('usual') / 2);
  });

  it('reads what the dark theme sets over the light one', () => {
    expect(readTokens('light').get('--mr-bad')).not.toBe(
      readTokens('dark').get('--mr-bad'),
    );
    expect(readTokens('dark').get('--bui-fg-secondary')).toBe('#c4c4c4');
  });
});

describe.each(THEMES)('the %s theme', theme => {
  const read = colourReader(theme);

  it('has text that can be read on every surface and every fill', () => {
    expect(shortOf(TEXT, onEach(TEXTS, SURFACES), read)).toEqual([]);
    expect(shortOf(TEXT, FILLS, read)).toEqual([]);
  });

  it('has states, and a focus ring, that can be seen on every surface', () => {
    expect(
      shortOf(GRAPHIC, onEach([...STATES, '--bui-ring'], SURFACES), read),
    ).toEqual([]);
  });

  it('has series that can be seen where charts are drawn', () => {
    expect(
      shortOf(GRAPHIC, onEach(SERIES, SURFACES.slice(0, 2)), read),
    ).toEqual([]);
  });

  it.each(VISIONS)('has series told apart with %s', vision => {
    const near = pairsOf(SERIES).filter(
      ([one, other]) =>
        distanceOf(
          asSeenWith(vision, read(one)),
          asSeenWith(vision, read(other)),
        ) < TOLD_APART,
    );
    expect(near).toEqual([]);
  });

  it('leaves no two states to colour alone, however one sees', () => {
    const near = VISIONS.flatMap(vision =>
      pairsOf(STATUSES).filter(
        ([one, other]) =>
          distanceOf(
            asSeenWith(vision, read(`--mr-${one}`)),
            asSeenWith(vision, read(`--mr-${other}`)),
          ) < TOLD_APART,
      ),
    );
    // Six states in colours that all eyes tell apart do not exist: that is why
    // they have shapes.
    expect(near.length).toBeGreaterThan(0);
    for (const [one, other] of pairsOf(STATUSES)) {
      expect(STATUS_SHAPES[one].outline).not.toBe(STATUS_SHAPES[other].outline);
    }
  });
});
