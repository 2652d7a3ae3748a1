export * from './useDelivery';
