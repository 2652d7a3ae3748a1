export { DraftStore, MAX_DRAFT_BYTES, MAX_DRAFTS_PER_USER } from './DraftStore';
