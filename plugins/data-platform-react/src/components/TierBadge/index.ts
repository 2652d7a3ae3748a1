export * from './TierBadge';
