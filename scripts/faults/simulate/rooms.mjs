// The pure parts of gateway and worker, as they are shipped. They are loaded by
// their files: they are no part of what their packages give to others.
import path from 'node:path';
import { createRequire } from 'node:module';
import { root } from '../../lib/project.mjs';

const require = createRequire(import.meta.url);
require('@backstage/cli/config/nodeTransform.cjs');
const room = file => require(path.join(root, 'packages', file));

export const { BucketBook } = room('gateway/src/lifecycle/bucketBook.ts');
export const { Declarer } = room('gateway/src/lifecycle/declarer.ts');
export const { createReceiveClock } = room('gateway/src/clock.ts');
export const { decideClosing, dependsOnBacklog } = room(
  'delivery-worker/src/sealer/closing/decideClosing.ts',
);
