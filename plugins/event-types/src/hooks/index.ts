export * from './isOfPortal';
export * from './useAnswer';
export * from './useDeclarationOptions';
export * from './useEventType';
