export * from './LatenessText';
