// The rooms of Millrace that the benchmarks use from outside. They are
// TypeScript and run as they are, as in every process of a clone.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('@backstage/cli/config/nodeTransform.cjs');

export const lake = require('@millrace/lake');
export const ledger = require('@millrace/ledger');
export const schema = require('@millrace/schema');
