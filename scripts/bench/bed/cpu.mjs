import fs from 'node:fs';
import os from 'node:os';

/** Linux counts CPU time in these, whatever the machine. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time of a process and everything it started, from /proc.
 *
 * @param {number} pid
 * @returns {number} milliseconds since it started; NaN where there is no /proc
 */
export function cpuMsOf(pid) {
  const stats = readStats();
  if (!stats) return NaN;
  let ticks = 0;
  const pending = [pid];
  while (pending.length > 0) {
    const current = pending.pop();
    ticks += stats.get(current)?.ticks ?? 0;
    for (const [other, { parent }] of stats) {
      if (parent === current) pending.push(other);
    }
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** How long all cores together were busy since the machine started, in ms. */
export function machineBusyMs() {
  return os
    .cpus()
    .reduce(
      (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
      0,
    );
}

/**
 * Watches the CPU of named processes over a span of time.
 *
 * @param {Record<string, number>} pids
 * @returns {() => { cores: Record<string, number>, machineCores: number }} call
 *   it at the end: cores kept busy, on average
 */
export function watchCpu(pids) {
  const names = Object.keys(pids);
  const before = names.map(name => cpuMsOf(pids[name]));
  const machineBefore = machineBusyMs();
  const startedAt = performance.now();
  return () => {
    const elapsedMs = performance.now() - startedAt;
    const cores = Object.fromEntries(
      names.map((name, index) => [
        name,
        (cpuMsOf(pids[name]) - before[index]) / elapsedMs,
      ]),
    );
    return {
      cores,
      machineCores: (machineBusyMs() - machineBefore) / elapsedMs,
    };
  };
}

function readStats() {
  let entries;
  try {
    entries = fs.readdirSync('/proc').filter(name => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  const stats = new Map();
  for (const entry of entries) {
    try {
      const text = fs.readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name of the program may hold spaces and brackets.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      stats.set(Number(entry), {
        parent: Number(fields[1]),
        ticks: Number(fields[11]) + Number(fields[12]),
      });
    } catch {
      // It ended while we looked.
    }
  }
  return stats;
}
