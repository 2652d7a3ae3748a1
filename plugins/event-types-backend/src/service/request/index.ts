export { parseDraft, parseDraftId } from './parseDraft';
export { parseFindEventTypes, parseFindFields } from './parseFindQuery';
export { parseIfMatch } from './parseIfMatch';
export { parseListQuery } from './parseListQuery';
export { parsePathName } from './parsePathName';
export { parsePreview } from './parsePreview';
export {
  parseChange,
  parseRegistration,
  readRegistration,
} from './parseRegistration';
export type {
  ReadRegistration,
  RegistrationOptions,
} from './parseRegistration';
