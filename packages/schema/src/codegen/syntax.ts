/** A string literal. What could end a line or hide in it is escaped. */
export function stringLiteral(text: string): string {
  const inner = text.replace(/[\\']/g, '\\$&').replace(
    // Controls, format characters such as right-to-left marks, separators.
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    character =>
      [...Array(character.length).keys()]
        .map(i => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
        .join(''),
  );
  return `'${inner}'`;
}

/** The name of a property, quoted where it has to be. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : stringLiteral(name);
}

/**
 * A doc comment, or nothing when there is nothing to say. Nothing that people
 * wrote can end it, or hide from a reader.
 */
export function docComment(
  paragraphs: readonly (string | undefined)[],
  indent: string = '',
): string {
  const lines = paragraphs
    .filter(text => text !== undefined && text.trim() !== '')
    .flatMap((text, index) => [
      ...(index > 0 ? [''] : []),
      ...String(text)
        .trim()
        .split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/)
        .map(harmless),
    ]);
  return lines.length
    ? [
        `${indent}/**`,
        ...lines.map(line => `${indent} * ${line}`.trimEnd()),
        `${indent} */`,
        '',
      ].join('\n')
    : '';
}

function harmless(line: string): string {
  return line
    .replace(/\t/g, ' ')
    .replace(/\p{C}/gu, '')
    .replace(/\*\//g, '*\\/')
    .trimEnd();
}
