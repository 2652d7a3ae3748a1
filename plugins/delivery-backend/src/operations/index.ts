export { OperationsReader, type OperationsQuery } from './OperationsReader';
