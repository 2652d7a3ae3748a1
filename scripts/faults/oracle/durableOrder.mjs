import path from 'node:path';

const FLUSHES = new Set(['fsync', 'fdatasync']);
const WRITES = new Set([
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'pwritev2',
  'copy_file_range',
  'sendfile',
]);
const REPLACING = new Set(['rename', 'renameat', 'renameat2']);
const REMOVING = new Set(['unlink', 'unlinkat']);

/**
 * Looks at the calls of a worker in their order. A kill does not show a flush
 * that is missing, because the kernel keeps what was written; the order does:
 *
 * - a staged file is flushed after it was written, and then its folder;
 * - a file of the lake is flushed before it gets its name by `link`, and its
 *   folder after it;
 * - no name in the lake is ever given by a call that replaces, or taken away
 *   from a file that has it.
 *
 * @param {{ call: string, target: string, paths: string[],
 *   isUnfinished: boolean }[]} calls in the order in which they began
 * @param {{ dir: string, lakeRoot: string }} lab
 * @returns {{ staged: number, placed: number, problems: string[] }} how many of
 *   each it saw from beginning to end
 */
export function checkDurableOrder(calls, { dir, lakeRoot }) {
  const staging = path.join(dir, 'staging');
  const isIn = (folder, file) => file.startsWith(`${folder}/`);
  const isStaged = file =>
    isIn(staging, file) && file.endsWith('.ndjson.zst') && !/\/\./.test(file);
  const isIncoming = file => isIn(path.join(lakeRoot, '.incoming'), file);
  const problems = [];
  const lastAt = (wanted, from, matches) =>
    calls.findIndex(
      (each, at) => at > from && wanted.has(each.call) && matches(each),
    );

  let staged = 0;
  const lastWrites = new Map();
  calls.forEach(({ call, target }, at) => {
    if (WRITES.has(call) && isStaged(target)) lastWrites.set(target, at);
  });
  const name = file => path.relative(dir, file).replace(/[0-9a-f-]{20,}/, '#');
  const hasEnded = from => calls.length - from > calls.length / 4;
  for (const [file, at] of lastWrites) {
    // What was under way when the tracer left says nothing.
    if (!hasEnded(at)) continue;
    staged += 1;
    const flushed = lastAt(FLUSHES, at, ({ target }) => target === file);
    if (flushed < 0) {
      problems.push(`order: ${name(file)} was never flushed`);
      continue;
    }
    const folder = path.dirname(file);
    if (lastAt(FLUSHES, flushed, ({ target }) => target === folder) < 0) {
      problems.push(`order: the folder of ${name(file)} was never flushed`);
    }
  }

  let placed = 0;
  calls.forEach(({ call, paths, target }, at) => {
    if (REPLACING.has(call) && isIn(lakeRoot, target)) {
      problems.push(`order: ${name(target)} got its name by a ${call}`);
    }
    if (REMOVING.has(call) && isIn(lakeRoot, target) && !isIncoming(target)) {
      problems.push(`order: ${name(target)} was taken out of the lake`);
    }
    if (!['link', 'linkat'].includes(call) || !isIn(lakeRoot, target)) return;
    const [source] = paths;
    const wasWrittenHere = calls
      .slice(0, at)
      .some(each => WRITES.has(each.call) && each.target === source);
    if (!wasWrittenHere || !hasEnded(at)) return;
    placed += 1;
    const isFlushed = calls
      .slice(0, at)
      .some(each => FLUSHES.has(each.call) && each.target === source);
    if (!isFlushed) {
      problems.push(`order: ${name(target)} was named before it was flushed`);
    }
    const folder = path.dirname(target);
    if (lastAt(FLUSHES, at, each => each.target === folder) < 0) {
      problems.push(`order: the folder of ${name(target)} was never flushed`);
    }
  });
  return { staged, placed, problems: [...new Set(problems)] };
}
