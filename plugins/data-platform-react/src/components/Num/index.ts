export * from './Num';
