export { ProcessSupervisor } from './ProcessSupervisor';
