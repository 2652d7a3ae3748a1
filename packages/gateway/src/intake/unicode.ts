/**
 * Whether a text has a UTF-8 form: it holds no half of a surrogate pair. (The
 * `u` flag reads pairs as one character, so only halves are left to match.)
 */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
