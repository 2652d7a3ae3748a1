export { createIdUpkeep, type IdUpkeepOptions } from './createIdUpkeep';
export { type MergeStep } from './mergeIdFiles';
