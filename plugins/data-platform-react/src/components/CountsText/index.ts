export * from './CountsText';
