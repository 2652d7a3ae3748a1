export * from './StackedBar';
