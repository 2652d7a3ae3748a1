import type { JsonLine } from './layoutJson';

/** Why a line is marked: it is wrong, or it differs from another text. */
export type LineMark = 'wrong' | 'changed';

export interface MarkedLine extends JsonLine {
  mark?: LineMark;
  /** Set on a line that is not in the text: here a field is missing. */
  isMissing?: boolean;
}

function isWithin(pointer: string, container: string): boolean {
  return pointer === container || pointer.startsWith(`${container}/`);
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}

/** The last part of a pointer as it is written in JSON. */
function nameIn(pointer: string): string {
  return pointer
    .slice(pointer.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}

/**
 * Marks the lines of what a pointer points at. Where that is missing, a line
 * that says so is put into the innermost object that is there, since the place
 * is what a person looks for.
 *
 * @param pointer - RFC 6901; without one, or with the whole text, nothing is
 * marked
 */
export function markPointer(lines: JsonLine[], pointer?: string): MarkedLine[] {
  if (!pointer) {
    return lines;
  }
  const marked = lines.map(
    (line): MarkedLine =>
      isWithin(line.pointer, pointer) ? { ...line, mark: 'wrong' } : line,
  );
  if (marked.some(({ mark }) => mark)) {
    return marked;
  }
  let missing = pointer;
  while (missing) {
    const container = parentOf(missing);
    const at = marked.findIndex(line => line.pointer === container);
    if (at >= 0) {
      const parent = marked[at];
      const note: MarkedLine = {
        key: -1,
        depth: parent.depth + (parent.isOpening ? 1 : 0),
        text: `"${nameIn(missing)}" is missing here`,
        pointer: missing,
        isOpening: false,
        mark: 'wrong',
        isMissing: true,
      };
      return [...marked.slice(0, at + 1), note, ...marked.slice(at + 1)];
    }
    missing = container;
  }
  return marked;
}

/** A line without what stands behind its value. */
function valueOf({ text }: JsonLine): string {
  return text.replace(/,$/, '');
}

/**
 * Marks the lines that another text does not have at the same place. What holds
 * the change is not marked: it only goes on differently.
 */
export function markChanges(
  lines: MarkedLine[],
  other: JsonLine[],
): MarkedLine[] {
  const known = new Set(other.map(line => `${line.pointer}\n${valueOf(line)}`));
  return lines.map(line =>
    line.mark || known.has(`${line.pointer}\n${valueOf(line)}`)
      ? line
      : { ...line, mark: 'changed' },
  );
}
