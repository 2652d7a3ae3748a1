/** One event as it lies in the bytes that came. */
export interface EventText {
  bytes: Buffer;
  start: number;
  /** First byte after it. */
  end: number;
  /** Whether there may be line breaks in it. */
  hasBreaks: boolean;
}

/** UTF-8 text of a range; a character cut at the end is left out. */
export function cutText(bytes: Buffer, start: number, end: number): string {
  let last = end;
  while (last > start && last < bytes.length && isContinuation(bytes[last])) {
    last -= 1;
  }
  return bytes.toString('utf8', start, last);
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}
