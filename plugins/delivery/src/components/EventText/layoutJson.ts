/*
 * Lays JSON text out in lines without reading its values: every number, string
 * and repeated name stays as it was sent, which a parse and print would not
 * keep. Text that is cut or is no JSON at all is laid out as far as it goes;
 * nothing of it is ever left out.
 */

/** A line of laid out JSON. */
export interface JsonLine {
  /** Unique, and the same whenever the same text is laid out. */
  key: number;
  depth: number;
  text: string;
  /** RFC 6901 pointer of the value that stands, begins or ends on the line. */
  pointer: string;
  /** Whether the value is an object or array that goes on in later lines. */
  isOpening: boolean;
}

interface Container {
  isArray: boolean;
  pointer: string;
  /** The name, or the position, of the value that comes next. */
  next: string | number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/gs;

function escaped(part: string | number): string {
  return String(part).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A name without its quotes; one with a broken escape stays as it is. */
function nameOf(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token;
  }
}

/** The lines of JSON text, each with the pointer of its value. */
export function layoutJson(text: string): JsonLine[] {
  const tokens = text.match(TOKEN) ?? [];
  const lines: JsonLine[] = [];
  const open: Container[] = [];
  let current: { text: string; pointer: string } | undefined;

  const endLine = (isOpening = false, depth = open.length) => {
    if (current) {
      lines.push({ key: lines.length, depth, ...current, isOpening });
      current = undefined;
    }
  };
  const pointerHere = () => {
    const container = open[open.length - 1];
    return container ? `${container.pointer}/${escaped(container.next)}` : '';
  };
  const write = (piece: string) => {
    current = {
      text: (current?.text ?? '') + piece,
      pointer: current?.pointer ?? pointerHere(),
    };
  };

  tokens.forEach((token, at) => {
    const container = open[open.length - 1];
    switch (token) {
      case '{':
      case '[': {
        const pointer = pointerHere();
        const isArray = token === '[';
        const isEmpty = tokens[at + 1] === (isArray ? ']' : '}');
        write(token);
        if (!isEmpty) {
          endLine(true);
        }
        open.push({ isArray, pointer, next: isArray ? 0 : '' });
        break;
      }
      case '}':
      case ']':
        if (current?.text.endsWith(token === '}' ? '{' : '[')) {
          open.pop();
          write(token);
        } else {
          endLine();
          open.pop();
          current = { text: token, pointer: container?.pointer ?? '' };
        }
        break;
      case ',':
        write(token);
        endLine();
        if (typeof container?.next === 'number') {
          container.next += 1;
        }
        break;
      case ':':
        write(': ');
        break;
      default:
        if (container && !container.isArray && tokens[at + 1] === ':') {
          container.next = nameOf(token);
        } else if (current && !current.text.endsWith(': ')) {
          // Two values side by side: not JSON, and shown all the same.
          write(' ');
        }
        write(token);
    }
  });
  endLine();
  return lines;
}
