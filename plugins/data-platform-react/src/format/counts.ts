const COUNT = new Intl.NumberFormat('en-US');
const ONE_DIGIT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/**
 * A whole number with thousands separators, such as `1,204`.
 *
 * @public
 */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/**
 * A number of things in words, such as `1 event` or `1,204 events`.
 *
 * @public
 */
export function formatCountOf(
  value: number,
  singular: string,
  plural: string = `${singular}s`,
): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`;
}

/**
 * A size with decimal units, such as `1.2 MB`.
 *
 * @public
 */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${ONE_DIGIT.format(value)} ${BYTE_UNITS[unit]}`;
}

/**
 * A share in percent, such as `98.4 %`. Never rounded up to a whole it is not,
 * nor down to nothing where there is something: `> 99.9 %`, `< 0.1 %`.
 *
 * @public
 */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part === whole || part === 0) {
    return part === 0 ? '0 %' : '100 %';
  }
  const percent = (part / whole) * 100;
  if (percent > 99.9) {
    return '> 99.9 %';
  }
  return percent < 0.1 ? '< 0.1 %' : `${ONE_DIGIT.format(percent)} %`;
}
