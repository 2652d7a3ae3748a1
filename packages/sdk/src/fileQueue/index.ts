export type { Disk, DiskFile } from './disk';
export { FileQueue } from './fileQueue';
export type { FileQueueOptions } from './fileQueue';
export { nodeDisk } from './nodeDisk';
export { nodeProcessProbe } from './processProbe';
export type { ProcessProbe } from './processProbe';
