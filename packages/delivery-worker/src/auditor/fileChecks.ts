import { PartitionFile } from '@millrace/lake';
import { AuditFindingCode } from '@millrace/ledger';
import { AuditorError } from './errors';
import { hashLocalFile, openLocally } from './inspectFile';
import { Remark } from './manifestChecks';
import { readParquetRowCount } from './parquetFooter';
import { LakeReader, SpendBytes } from './types';

/** What {@link checkFile} looks for. */
export const FILE_CHECKS: AuditFindingCode[] = [
  'file_missing',
  'file_size_differs',
  'file_hash_differs',
  'file_unreadable',
  'file_rows_differ',
];

/** A file as it was found. */
export interface CheckedFile {
  remarks: Remark[];
  /** Where it can be opened; missing when it is not a Parquet file. */
  localFile?: string;
  /** As it is, not as it should be; missing when there is no file. */
  sha256?: string;
  bytesRead: number;
}

/**
 * Compares one file with what was said of it when it was sealed: presence, size,
 * SHA-256, and the number of rows by its own footer.
 */
export async function checkFile(options: {
  lake: LakeReader;
  key: string;
  sealed: PartitionFile;
  scratch: string;
  spend: SpendBytes;
}): Promise<CheckedFile> {
  const { lake, key, sealed, scratch, spend } = options;
  const found = await lake.stat(key);
  if (!found) {
    return {
      remarks: [{ code: 'file_missing', message: `${key} is gone` }],
      bytesRead: 0,
    };
  }
  const remarks: Remark[] = [];
  if (found.bytes !== sealed.bytes) {
    remarks.push({
      code: 'file_size_differs',
      message: `${key} has ${found.bytes} bytes; ${sealed.bytes} were sealed`,
    });
  }
  const localFile = await openLocally(lake, key, scratch);
  const { sha256, bytes } = await hashLocalFile(localFile, spend);
  if (sha256 !== sealed.sha256) {
    remarks.push({
      code: 'file_hash_differs',
      message: `${key} has other bytes than were sealed: its SHA-256 begins with ${sha256.slice(
        0,
        16,
      )} instead of ${sealed.sha256.slice(0, 16)}`,
    });
  }
  try {
    const rows = await readParquetRowCount(localFile);
    if (rows !== sealed.rows) {
      remarks.push({
        code: 'file_rows_differ',
        message: `${key} has ${rows} rows by its footer; ${sealed.rows} were sealed`,
      });
    }
  } catch (error) {
    if (!(error instanceof AuditorError)) {
      throw error;
    }
    remarks.push({
      code: 'file_unreadable',
      message: `${key} cannot be read. ${error.message}`,
    });
    return { remarks, sha256, bytesRead: bytes };
  }
  return { remarks, localFile, sha256, bytesRead: bytes };
}
