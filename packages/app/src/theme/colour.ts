/*
 * What contrast.test.ts measures with. Contrast is that of WCAG 2.1 (section
 * 1.4.3); colour blindness is simulated by Machado, Oliveira and Fernandes 2009
 * at full severity; distance is that of CIELAB, in which about 2 is the least
 * an eye tells apart side by side.
 */

/** Red, green and blue in linear light, each from 0 to 1. */
export type Colour = readonly [number, number, number];

/** How somebody sees. */
export type Vision = 'usual' | 'protanopia' | 'deuteranopia' | 'tritanopia';

const SIMULATION: Record<Vision, readonly Colour[]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

export const VISIONS: readonly Vision[] = [
  'usual',
  'protanopia',
  'deuteranopia',
  'tritanopia',
];

/** @throws when it is anything but `#rrggbb` */
export function parseColour(hex: string): Colour {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) {
    throw new Error(`Expected a colour such as #1d5fb8, got ${hex}`);
  }
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function luminance([red, green, blue]: Colour): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of two colours, from 1 to 21. */
export function contrastOf(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].sort(
    (a, b) => a - b,
  );
  return (light + 0.05) / (dark + 0.05);
}

/** A colour as somebody with this vision sees it. */
export function asSeenWith(vision: Vision, colour: Colour): Colour {
  const [red, green, blue] = SIMULATION[vision].map(row =>
    Math.min(
      1,
      Math.max(0, row[0] * colour[0] + row[1] * colour[1] + row[2] * colour[2]),
    ),
  );
  return [red, green, blue];
}

function labOf([red, green, blue]: Colour): readonly number[] {
  const compress = (value: number) =>
    value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
  const x = compress((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = compress(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = compress((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How far apart two colours are to an eye; 0 when they are the same. */
export function distanceOf(one: Colour, other: Colour): number {
  const [a, b] = [labOf(one), labOf(other)];
  return Math.hypot(...a.map((value, at) => value - b[at]));
}
