export * from './DiscardDraftDialog';
export * from './DraftSaver';
export * from './DraftsList';
export * from './newDraftId';
export * from './SavedStatus';
export * from './TabCopy';
export * from './useResumedDraft';
