export { parseListQuery } from './parseListQuery';
export { parsePathName } from './parsePathName';
export { parsePreview } from './parsePreview';
export { parseRegistration } from './parseRegistration';
