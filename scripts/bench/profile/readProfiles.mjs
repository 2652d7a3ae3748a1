import fs from 'node:fs';
import path from 'node:path';
import { summarizeProfile } from './summarizeProfile.mjs';

/**
 * Reads what `--cpu-prof` wrote for one process: a profile per thread.
 *
 * @param {string} dir
 * @param {{ fromUs: number, toUs: number }} window what counts
 * @param {string} root the clone
 */
export function readProfiles(dir, window, root) {
  return fs
    .readdirSync(dir)
    .filter(name => name.endsWith('.cpuprofile'))
    .map(name => {
      const profile = JSON.parse(fs.readFileSync(path.join(dir, name), 'utf8'));
      return summarizeProfile(profile, window, root);
    })
    .filter(({ busyUs }) => busyUs > 0)
    .sort((a, b) => b.busyUs - a.busyUs);
}
