export { OverviewReader } from './OverviewReader';
