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
