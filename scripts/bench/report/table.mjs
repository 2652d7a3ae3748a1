/**
 * A Markdown table. The first column is text, the others too if any cell is.
 *
 * @param {string[]} header
 * @param {(string | number)[][]} rows
 */
export function table(header, rows) {
  const all = [header, ...rows].map(row => row.map(String));
  const widths = header.map((_, column) =>
    Math.max(3, ...all.map(row => row[column].length)),
  );
  const line = cells =>
    `| ${cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(' | ')} |`;
  return [
    line(all[0]),
    `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`,
    ...all.slice(1).map(line),
  ].join('\n');
}
