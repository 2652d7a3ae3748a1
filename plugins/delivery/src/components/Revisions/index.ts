export { RevisePartition } from './RevisePartition';
export { RepairDialog } from './RepairDialog';
export { RevisionsTable } from './RevisionsTable';
export { useRepairAddress, type RepairAddress } from './useRepairAddress';
