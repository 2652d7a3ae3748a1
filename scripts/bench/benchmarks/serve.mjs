import fs from 'node:fs';
import path from 'node:path';
import { startBed } from '../bed/startBed.mjs';
import { readProfiles } from '../profile/readProfiles.mjs';
import { describeProfile } from '../profile/table.mjs';

const EVENT_TYPE = 'bench.order';

/**
 * Starts ledger, broker and gateway as the benchmarks do and leaves them
 * running until Ctrl-C, for a look by hand. With `--profile` it then shows where
 * the time went.
 *
 * @param {import('./types').Context} context
 * @returns {Promise<undefined>} nothing to hold against a bar
 */
export async function run(context) {
  const { dir, root, profile, say, stopped } = context;
  const profileDir = profile ? path.join(dir, 'profiles') : undefined;
  const data = path.join(dir, 'data');
  fs.mkdirSync(data);
  const bed = await startBed(context, {
    eventTypes: [EVENT_TYPE],
    writeKeys: { all: undefined },
    dir: data,
    profileDir,
  });
  const { host, port, path: route } = bed.target;
  const nowUs = () => Number(process.hrtime.bigint() / 1000n);
  const fromUs = nowUs();
  say(`gateway     http://${host}:${port}${route} (process ${bed.pids.gateway})
broker      127.0.0.1:${bed.brokerPort} (process ${bed.pids.broker})
event type  ${EVENT_TYPE}
write key   ${bed.keys.all}
logs        ${data}
Ctrl-C ends them.`);
  await stopped;
  await bed.stop();
  if (profileDir) {
    for (const role of ['gateway', 'broker']) {
      const threads = readProfiles(
        path.join(profileDir, role),
        { fromUs, toUs: nowUs() },
        root,
      );
      process.stdout.write(`\n${describeProfile(role, threads)}\n`);
    }
  }
  return undefined;
}
