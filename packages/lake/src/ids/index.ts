export { findEventKeys, type FindEventKeysOptions } from './findEventKeys';
export {
  ID_FILE_EXTENSION,
  inspectIdFileSql,
  mergedIdFileKey,
  mergedIdFileToken,
  mergedIdsFolder,
  readCountingIdsSql,
  readIdFilesSql,
  writeIdFileSql,
  type CountingIdFile,
} from './idFiles';
export { openableFile } from './openableFile';
