/** 123456 → 123,456 */
export const count = value => Math.round(value).toLocaleString('en-GB');

/** Milliseconds, with as many digits as mean something. */
export const ms = value =>
  value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);

export const percent = value => `${(value * 100).toFixed(0)} %`;

/** For the JSON line: numbers a person can read. */
export function round(value) {
  if (!Number.isFinite(value)) return null;
  const digits = Math.abs(value) >= 1000 ? 0 : 3;
  return Number(value.toFixed(digits));
}
