import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SPECIAL = {
  '(program)': 'system calls and native code',
  '(garbage collector)': 'garbage collector',
};

/**
 * Self time of a V8 CPU profile by package, file and function.
 *
 * @param {{ nodes: object[], startTime: number, samples: number[],
 *   timeDeltas: number[] }} profile as `node --cpu-prof` writes it, in µs
 * @param {{ fromUs: number, toUs: number }} window only samples in it count;
 *   the clock is that of `process.hrtime`
 * @param {string} root the clone, to name files from it
 * @returns {{ busyUs: number, idleUs: number, packages: { name: string,
 *   selfUs: number }[], functions: { name: string, package: string,
 *   place: string, selfUs: number }[] }} the largest first
 */
export function summarizeProfile(profile, { fromUs, toUs }, root) {
  const nodes = new Map(profile.nodes.map(node => [node.id, node]));
  const selfUs = new Map();
  let at = profile.startTime;
  profile.samples.forEach((id, index) => {
    at += profile.timeDeltas[index];
    // A sample stands for the time until the next one.
    const next = Math.min(at + (profile.timeDeltas[index + 1] ?? 0), toUs);
    const span = next - Math.max(at, fromUs);
    if (span > 0) selfUs.set(id, (selfUs.get(id) ?? 0) + span);
  });

  const functions = new Map();
  const packages = new Map();
  let busyUs = 0;
  let idleUs = 0;
  for (const [id, span] of selfUs) {
    const { callFrame } = nodes.get(id);
    if (callFrame.functionName === '(idle)') {
      idleUs += span;
      continue;
    }
    busyUs += span;
    const place = describe(callFrame, root);
    const key = `${place.package} ${place.place} ${place.name}`;
    const known = functions.get(key) ?? { ...place, selfUs: 0 };
    known.selfUs += span;
    functions.set(key, known);
    packages.set(place.package, (packages.get(place.package) ?? 0) + span);
  }
  const largestFirst = (a, b) => b.selfUs - a.selfUs;
  return {
    busyUs,
    idleUs,
    packages: [...packages]
      .map(([name, span]) => ({ name, selfUs: span }))
      .sort(largestFirst),
    functions: [...functions.values()].sort(largestFirst),
  };
}

function describe({ functionName, scriptId, url, lineNumber }, root) {
  // A function may be called `toString`, which every object has.
  if (Object.hasOwn(SPECIAL, functionName)) {
    return { name: functionName, package: SPECIAL[functionName], place: '' };
  }
  const name = functionName || '(anonymous)';
  if (!/^(node:|file:|\/)/.test(url)) {
    // Validators and protobuf readers compile themselves at run time.
    const isGenerated = scriptId !== '0';
    return {
      name,
      package: isGenerated ? 'generated code' : 'built-in functions',
      place: '',
    };
  }
  if (url.startsWith('node:')) {
    return { name, package: 'Node', place: `${url}:${lineNumber + 1}` };
  }
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  const inModules = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(file);
  if (inModules) {
    return {
      name,
      package: inModules[1],
      place: `${inModules[2]}:${lineNumber + 1}`,
    };
  }
  const [folder, room, ...rest] = path.relative(root, file).split(path.sep);
  return {
    name,
    package: `${folder}/${room}`,
    place: `${rest.join('/')}:${lineNumber + 1}`,
  };
}
