import { FileHandle, open } from 'node:fs/promises';
import { AuditorError } from './errors';

/*
 * A reader of Parquet footers of our own, so that what wrote a file is not the
 * only one to say how many rows it has. The footer is one Thrift struct in the
 * compact protocol; of it only the numbers of rows are read, everything else is
 * stepped over.
 *
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

const MAGIC = 'PAR1';
const TAIL_BYTES = 8;
const MAX_FOOTER_BYTES = 256 * 1024 * 1024;
const MAX_DEPTH = 32;

/** Field ids of `FileMetaData` and `RowGroup`. */
const FILE_NUM_ROWS = 3;
const FILE_ROW_GROUPS = 4;
const GROUP_NUM_ROWS = 3;

/** Type codes of the compact protocol. */
const BOOLEAN_TRUE = 1;
const BOOLEAN_FALSE = 2;
const BYTE = 3;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;

/** Reads, or steps over, values of the compact protocol. */
class CompactReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Calls for each field; one that was not read (`false`) is stepped over. */
  struct(depth: number, onField: (id: number, type: number) => boolean): void {
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) {
        return;
      }
      const delta = header >> 4;
      id = delta === 0 ? this.integer() : id + delta;
      const type = header & 0x0f;
      if (!onField(id, type)) {
        this.#skip(type, depth + 1);
      }
    }
  }

  /** Calls for each element, which must be read. */
  list(onElement: (type: number, depth: number) => void, depth = 1): void {
    const header = this.#byte();
    const short = header >> 4;
    const size = short === 15 ? this.#varint() : BigInt(short);
    if (size > BigInt(this.bytes.length)) {
      throw notParquet('a list is longer than its footer');
    }
    for (let index = 0; index < Number(size); index += 1) {
      onElement(header & 0x0f, depth);
    }
  }

  /** A signed integer of any width. */
  integer(): number {
    const raw = this.#varint();
    const value = Number((raw >> 1n) ^ -(raw & 1n));
    if (!Number.isSafeInteger(value)) {
      throw notParquet('a number in its footer is too large');
    }
    return value;
  }

  #skip(type: number, depth: number): void {
    if (depth > MAX_DEPTH) {
      throw notParquet('its footer is nested too deeply');
    }
    switch (type) {
      case BOOLEAN_TRUE:
      case BOOLEAN_FALSE:
        return;
      case BYTE:
        this.#advance(1);
        return;
      case DOUBLE:
        this.#advance(8);
        return;
      case BINARY:
        this.#advance(Number(this.#varint()));
        return;
      case LIST:
      case SET:
        this.list(element => this.#skipElement(element, depth + 1));
        return;
      case MAP: {
        const size = Number(this.#varint());
        const types = size === 0 ? 0 : this.#byte();
        for (let index = 0; index < size; index += 1) {
          this.#skipElement(types >> 4, depth + 1);
          this.#skipElement(types & 0x0f, depth + 1);
        }
        return;
      }
      case STRUCT:
        this.struct(depth, () => false);
        return;
      default:
        // i16, i32 and i64 are the varints left.
        if (type < 4 || type > I64) {
          throw notParquet('its footer has a value of no known type');
        }
        this.#varint();
    }
  }

  /** Booleans in collections take a byte; in structs their type is the value. */
  #skipElement(type: number, depth: number): void {
    if (type === BOOLEAN_TRUE || type === BOOLEAN_FALSE) {
      this.#advance(1);
    } else {
      this.#skip(type, depth);
    }
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw notParquet('a number in its footer does not end');
  }

  #byte(): number {
    const at = this.#at;
    this.#advance(1);
    return this.bytes[at];
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.bytes.length) {
      throw notParquet('its footer ends too early');
    }
  }
}

/**
 * How many rows a Parquet file has, by its own footer. The number of the file
 * and the sum of its row groups must be the same.
 *
 * @throws AuditorError with code `not_parquet`
 */
export async function readParquetRowCount(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    return countRows(await readFooter(handle));
  } finally {
    await handle.close();
  }
}

async function readFooter(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  if (size < MAGIC.length + TAIL_BYTES) {
    throw notParquet('it is too short');
  }
  const head = await readAt(handle, 0, MAGIC.length);
  const tail = await readAt(handle, size - TAIL_BYTES, TAIL_BYTES);
  if (
    head.toString('latin1') !== MAGIC ||
    tail.toString('latin1', 4) !== MAGIC
  ) {
    throw notParquet('it does not begin and end as one');
  }
  const length = tail.readUInt32LE(0);
  if (length > MAX_FOOTER_BYTES || length > size - MAGIC.length - TAIL_BYTES) {
    throw notParquet('its footer would be longer than it is');
  }
  return readAt(handle, size - TAIL_BYTES - length, length);
}

async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) {
    throw notParquet('it became shorter while it was read');
  }
  return buffer;
}

function countRows(footer: Buffer): number {
  const reader = new CompactReader(footer);
  let rows: number | undefined;
  let rowsOfGroups = 0;
  reader.struct(0, (id, type) => {
    if (id === FILE_NUM_ROWS && type === I64) {
      rows = reader.integer();
    } else if (id === FILE_ROW_GROUPS && type === LIST) {
      reader.list((element, depth) => {
        if (element !== STRUCT) {
          throw notParquet('its row groups are not structs');
        }
        reader.struct(depth, (groupId, groupType) => {
          if (groupId === GROUP_NUM_ROWS && groupType === I64) {
            rowsOfGroups += reader.integer();
            return true;
          }
          return false;
        });
      });
    } else {
      return false;
    }
    return true;
  });
  if (rows === undefined || rows !== rowsOfGroups) {
    throw notParquet('its footer contradicts itself about the number of rows');
  }
  return rows;
}

function notParquet(why: string): AuditorError {
  return new AuditorError('not_parquet', `Not a Parquet file: ${why}`);
}
