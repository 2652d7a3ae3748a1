export { ShownWriteKey } from './ShownWriteKey';
export { WriteKeysPage } from './WriteKeysPage';
export { WRITE_KEY_PARAMS } from './params';
