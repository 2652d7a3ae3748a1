import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { BrokerError } from '../errors';

// The layout of LMDB as lmdb-js builds it (data version 2, 64 bit).
const PAGE_HEADER_BYTES = 24;
const NODE_HEADER_BYTES = 8;
const DATABASE_BYTES = 48;
const OVERFLOW_POINTER_BYTES = 24;
const MAGIC = 0xbeefc0de;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const BIG_DATA = 0x01;
const SUB_DATABASE = 0x02;
const NO_PAGE = 2n ** 64n - 1n;
const MAX_DEPTH = 32;

/** The tree of one database, as a meta page or a node names it. */
interface Tree {
  depth: number;
  root: bigint;
}

/** How much of a store file holds something. */
export interface StoreSpace {
  fileBytes: number;
  usedBytes: number;
}

class StoreFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #bytes: number;
  /** One bit for each page. */
  #seen = new Uint8Array();
  #usedPages = 2;
  #pageBytes = 0;
  #lastPage = 0;

  constructor(path: string, descriptor: number, bytes: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#bytes = bytes;
  }

  check(): StoreSpace {
    const first = this.#read(0, PAGE_HEADER_BYTES + 136);
    this.#pageBytes = first.readUInt32LE(PAGE_HEADER_BYTES + 24);
    const isPageSize =
      this.#pageBytes >= 512 &&
      this.#pageBytes <= 65_536 &&
      Number.isInteger(Math.log2(this.#pageBytes));
    if (
      first.readUInt32LE(PAGE_HEADER_BYTES) !== MAGIC ||
      !isPageSize ||
      this.#bytes < 2 * this.#pageBytes
    ) {
      throw this.#damage(0, 'is no first page of a store');
    }
    const second = this.#read(this.#pageBytes, PAGE_HEADER_BYTES + 136);
    if (second.readUInt32LE(PAGE_HEADER_BYTES) !== MAGIC) {
      throw this.#damage(1, 'is no second page of a store');
    }
    const [newer] = [first, second]
      .map(page => page.subarray(PAGE_HEADER_BYTES))
      .sort((a, b) => Number(b.readBigUInt64LE(128) - a.readBigUInt64LE(128)));
    this.#lastPage = Number(newer.readBigUInt64LE(120));
    this.#seen = new Uint8Array(Math.ceil(this.#bytes / this.#pageBytes / 8));
    this.#checkTree(treeAt(newer, 24), false);
    this.#checkTree(treeAt(newer, 24 + DATABASE_BYTES), true);
    return {
      fileBytes: this.#bytes,
      usedBytes: this.#usedPages * this.#pageBytes,
    };
  }

  #checkTree({ root, depth }: Tree, hasSubDatabases: boolean): void {
    if (root === NO_PAGE) {
      return;
    }
    if (depth < 1 || depth > MAX_DEPTH) {
      throw this.#damage(0, `names a tree of depth ${depth}`);
    }
    const todo: { page: bigint; level: number }[] = [{ page: root, level: 1 }];
    for (let next = todo.pop(); next; next = todo.pop()) {
      const { level } = next;
      const page = this.#claim(next.page, 1n);
      const bytes = this.#page(page);
      const isLeaf = level === depth;
      this.#checkHeader(page, bytes, isLeaf ? LEAF : BRANCH);
      for (const node of this.#nodes(page, bytes)) {
        if (isLeaf) {
          this.#checkLeafNode(page, node, hasSubDatabases);
        } else {
          const child =
            BigInt(node.readUInt32LE(0)) |
            (BigInt(node.readUInt16LE(4)) << 32n);
          todo.push({ page: child, level: level + 1 });
        }
      }
    }
  }

  #checkLeafNode(page: number, node: Buffer, hasSubDatabases: boolean): void {
    const dataBytes = node.readUInt32LE(0);
    const flags = node.readUInt16LE(4);
    const start = NODE_HEADER_BYTES + node.readUInt16LE(6);
    const isBig = (flags & BIG_DATA) !== 0;
    if (
      start + (isBig ? OVERFLOW_POINTER_BYTES : dataBytes) > node.length ||
      (flags & SUB_DATABASE && dataBytes !== DATABASE_BYTES)
    ) {
      throw this.#damage(page, 'has a node that reaches beyond it');
    }
    if (isBig) {
      const pages = node.readBigUInt64LE(start + 16);
      const first = this.#claim(node.readBigUInt64LE(start), pages);
      const header = this.#read(first * this.#pageBytes, PAGE_HEADER_BYTES);
      this.#checkHeader(first, header, OVERFLOW);
      if (
        Number(pages) * this.#pageBytes < PAGE_HEADER_BYTES + dataBytes ||
        header.readUInt32LE(20) !== Number(pages)
      ) {
        throw this.#damage(first, 'is not as long as what it holds');
      }
    } else if (hasSubDatabases && flags & SUB_DATABASE) {
      this.#checkTree(treeAt(node, start), false);
    }
  }

  /** Pages that are reached, each once and within the file. */
  #claim(first: bigint, count: bigint): number {
    const last = first + count - 1n;
    const page = Number(first);
    if (
      first < 2n ||
      count < 1n ||
      last > BigInt(this.#lastPage) ||
      (Number(last) + 1) * this.#pageBytes > this.#bytes
    ) {
      throw this.#damage(page, 'is outside the file');
    }
    for (let each = page; each <= Number(last); each++) {
      const bit = 1 << (each & 7);
      if (this.#seen[each >> 3] & bit) {
        throw this.#damage(each, 'is used twice');
      }
      this.#seen[each >> 3] |= bit;
    }
    this.#usedPages += Number(count);
    return page;
  }

  #checkHeader(page: number, bytes: Buffer, kind: number): void {
    if (
      bytes.readBigUInt64LE(0) !== BigInt(page) ||
      (bytes.readUInt16LE(18) & (BRANCH | LEAF | OVERFLOW)) !== kind
    ) {
      throw this.#damage(page, 'is not the page it should be');
    }
  }

  *#nodes(page: number, bytes: Buffer): Iterable<Buffer> {
    const lower = bytes.readUInt16LE(20);
    const upper = bytes.readUInt16LE(22);
    const room = this.#pageBytes - PAGE_HEADER_BYTES;
    if (lower % 2 !== 0 || lower === 0 || lower > upper || upper > room) {
      throw this.#damage(page, 'has no sound table of contents');
    }
    for (let at = 0; at < lower; at += 2) {
      const offset = bytes.readUInt16LE(PAGE_HEADER_BYTES + at);
      if (offset < upper || offset + NODE_HEADER_BYTES > room) {
        throw this.#damage(page, 'names a node outside of it');
      }
      const node = bytes.subarray(PAGE_HEADER_BYTES + offset);
      if (NODE_HEADER_BYTES + node.readUInt16LE(6) > node.length) {
        throw this.#damage(page, 'has a key that reaches beyond it');
      }
      yield node;
    }
  }

  #page(page: number): Buffer {
    return this.#read(page * this.#pageBytes, this.#pageBytes);
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.#descriptor, bytes, 0, length, position);
    return bytes;
  }

  #damage(page: number, why: string): BrokerError {
    return new BrokerError(
      'data_dir_corrupt',
      `${
        this.#path
      } is damaged: page ${page} ${why}. Nothing was changed. Restore the directory from a backup, or move it away to start with an empty broker`,
    );
  }
}

function treeAt(bytes: Buffer, offset: number): Tree {
  return {
    depth: bytes.readUInt16LE(offset + 6),
    root: bytes.readBigUInt64LE(offset + 40),
  };
}

/**
 * Refuses a store file whose structure is damaged, with the page and the reason.
 *
 * LMDB maps its file and trusts every pointer in it: a damaged page ends the
 * process with a signal, without a word. So before LMDB opens the file, every
 * page that can be reached is read the plain way: its number, its kind, that
 * its nodes lie within it, that pages named elsewhere exist, and that none is
 * used twice. Bodies are not read; each carries a checksum that is looked at
 * when the body is used.
 *
 * @returns `undefined` where there is no store yet
 * @throws BrokerError `data_dir_corrupt`
 */
export function checkStoreFile(path: string): StoreSpace | undefined {
  if (!existsSync(path)) {
    return undefined;
  }
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    return size === 0
      ? undefined
      : new StoreFile(path, descriptor, size).check();
  } finally {
    closeSync(descriptor);
  }
}
