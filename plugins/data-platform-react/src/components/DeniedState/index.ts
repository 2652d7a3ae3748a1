export * from './DeniedState';
