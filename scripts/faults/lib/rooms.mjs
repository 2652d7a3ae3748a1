// The rooms of Millrace that arrange a campaign. They are TypeScript and run as
// they are, as in every process of a clone. The oracle uses none of them.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('@backstage/cli/config/nodeTransform.cjs');

export const ledger = require('@millrace/ledger');
export const schema = require('@millrace/schema');
