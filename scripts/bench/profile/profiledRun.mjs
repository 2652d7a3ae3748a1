import fs from 'node:fs';
import path from 'node:path';
import { WARM_UP_MS } from '../benchmarks/cases.mjs';
import { startBed } from '../bed/startBed.mjs';
import { readProfiles } from './readProfiles.mjs';
import { describeProfile } from './table.mjs';

/**
 * Runs cases once more, in processes that are profiled. A profile slows what it
 * looks at, so the figures of these runs count for nothing else.
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {object} options
 * @param {import('../bed/startBed.mjs').BedOptions} options.bedOptions
 * @param {(bed: object) => Record<string, (options: object) =>
 *   Promise<{ window: { fromUs: number, toUs: number } }>>} options.casesOf
 * @param {Record<string, string>} options.titles of the cases
 * @returns {Promise<string>} Markdown: where the time goes, case by case
 */
export async function profiledRun(context, { bedOptions, casesOf, titles }) {
  const { dir, seconds, root, say } = context;
  const data = path.join(dir, 'profiled');
  const profileDir = path.join(dir, 'profiles');
  fs.mkdirSync(data);
  const bed = await startBed(context, { ...bedOptions, dir: data, profileDir });
  const windows = {};
  for (const [name, run] of Object.entries(casesOf(bed))) {
    say(`with profiles  ${name}`);
    const options = { warmUpMs: WARM_UP_MS, durationMs: seconds * 1000 };
    ({ window: windows[name] } = await run(options));
  }
  await bed.stop();
  return Object.entries(windows)
    .map(([name, window]) =>
      [
        `### Where the time goes: ${titles[name]}`,
        ...Object.keys(bed.pids).map(role =>
          describeProfile(
            role,
            readProfiles(path.join(profileDir, role), window, root),
          ),
        ),
      ].join('\n\n'),
    )
    .join('\n\n');
}
