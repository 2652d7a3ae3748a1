export * from './StatLine';
