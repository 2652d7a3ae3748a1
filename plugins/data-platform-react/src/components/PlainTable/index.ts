export * from './PlainTable';
