export { findEventKeys, type FindEventKeysOptions } from './findEventKeys';
export {
  ID_FILE_EXTENSION,
  inspectIdFileSql,
  mergedIdFileKey,
  mergedIdFileToken,
  mergedIdsFolder,
  readIdFilesSql,
  writeIdFileSql,
} from './idFiles';
export { openableFile } from './openableFile';
