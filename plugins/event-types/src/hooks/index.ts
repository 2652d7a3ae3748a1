export * from './useEventType';
