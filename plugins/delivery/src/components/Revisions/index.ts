export { RevisePartition } from './RevisePartition';
export { RepairDialog } from './RepairDialog';
export { RevisionsTable } from './RevisionsTable';
export {
  repairSearch,
  useRepairAddress,
  type RepairAddress,
} from './useRepairAddress';
