import { table } from '../report/table.mjs';

const FUNCTIONS = 25;
const MIN_SHARE = 0.005;

/**
 * The profile of one process, a table of packages and one of functions for
 * each of its threads, as Markdown.
 *
 * @param {string} process its name
 * @param {ReturnType<import('./readProfiles.mjs').readProfiles>} threads
 */
export function describeProfile(process, threads) {
  return threads
    .map((thread, index) => {
      const { busyUs, idleUs, packages, functions } = thread;
      const share = selfUs => `${((selfUs / busyUs) * 100).toFixed(1)} %`;
      const isWorthALine = ({ selfUs }) => selfUs / busyUs >= MIN_SHARE;
      const name = index === 0 ? process : `${process}, thread ${index + 1}`;
      const busy = ((busyUs / (busyUs + idleUs)) * 100).toFixed(0);
      return [
        `**${name}**: its JavaScript thread was busy ${busy} % of the time. Self time by package, as a share of that:`,
        table(
          ['package', 'self'],
          packages
            .filter(isWorthALine)
            .map(each => [each.name, share(each.selfUs)]),
        ),
        `Self time by function:`,
        table(
          ['function', 'package', 'where', 'self'],
          functions
            .filter(isWorthALine)
            .slice(0, FUNCTIONS)
            .map(each => [
              code(each.name),
              each.package,
              code(each.place),
              share(each.selfUs),
            ]),
        ),
      ].join('\n\n');
    })
    .join('\n\n');
}

/** Names of functions hold whatever a regular expression or a class does. */
function code(text) {
  return text && `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}
