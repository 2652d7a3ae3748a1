import fs from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';

/**
 * Replaces the section of one benchmark in a report and leaves everything else
 * as it is; a section that is not there yet is added at the end.
 *
 * @param {string} text the report so far
 * @param {string} name of the benchmark
 * @param {string} section Markdown
 * @throws Error when the section's marks are not a pair
 */
export function replaceSection(text, name, section) {
  const begin = `<!-- bench:${name} begins; written by the benchmark -->`;
  const end = `<!-- bench:${name} ends -->`;
  const block = `${begin}\n\n${section.trim()}\n\n${end}`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 && to < 0) return `${text.trimEnd()}\n\n${block}\n`;
  if (from < 0 || to < from) {
    throw new Error(
      `The marks of the section '${name}' are damaged: expected '${begin}' and, after it, '${end}'`,
    );
  }
  return text.slice(0, from) + block + text.slice(to + end.length);
}

/**
 * Writes one benchmark's section of `docs/performance.md`.
 *
 * @param {string} root the clone
 */
export function writeReport(root, name, section) {
  const file = path.join(root, 'docs/performance.md');
  const before = fs.readFileSync(file, 'utf8');
  const after = replaceSection(before, name, section);
  // Whoever measures must not have to format what was written.
  fs.writeFileSync(file, prettier.format(after, { parser: 'markdown' }));
}
