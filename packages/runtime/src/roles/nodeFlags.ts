const EXTERNAL_MEMORY_SINCE = 24;

/**
 * Options of Node that keep its garbage collector out of the way of events.
 *
 * Most garbage of a role is bytes outside the JavaScript heap: bodies, batches,
 * messages. By default V8 marks the whole heap for each 64 MB of them, several
 * times a second under load, with as many threads as it likes: on two cores
 * both are taken for some 30 ms, and every request at hand waits. With these
 * options such bytes count towards the limit of the heap, and one thread marks
 * beside the program. They have to be there when the process starts.
 *
 * @param version of Node, such as 24.1.0; it does not start with an option that
 *   it does not know
 */
export function nodeFlags(version: string = process.versions.node): string[] {
  const major = Number.parseInt(version, 10);
  return [
    '--concurrent-marking-max-worker-num=1',
    ...(major >= EXTERNAL_MEMORY_SINCE
      ? ['--external-memory-accounted-in-global-limit']
      : []),
  ];
}
