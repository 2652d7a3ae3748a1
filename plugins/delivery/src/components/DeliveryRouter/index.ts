export { DeliveryRouter } from './DeliveryRouter';
