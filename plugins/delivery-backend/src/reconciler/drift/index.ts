export { collectOrphans } from './collectOrphans';
export { repairDrift } from './repairDrift';
