export * from './conditions';
export * from './eventTypeResourceRef';
export * from './isOwner';
