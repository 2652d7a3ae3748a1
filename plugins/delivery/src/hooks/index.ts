export * from './useDelivery';
export * from './useFirstDelivery';
