import { dirname } from 'node:path';
import { Disk, DiskFile } from '../fileQueue';

type Random = () => number;

interface Change {
  position: number;
  /** Without bytes the file is cut off at the position. */
  bytes?: Uint8Array;
}

interface Inode {
  /** What a reader sees now. */
  content: Buffer;
  /** What the medium has. */
  durable: Buffer;
  /** Written since the last sync. */
  unsynced: Change[];
  changedAt: number;
}

interface NameChange {
  path: string;
  /** Without an inode the name is removed. */
  inode?: Inode;
}

/** Faults a test asks for. */
interface Plan {
  /** The process ends before the operation with this number. */
  endAt: number;
  /** So many syncs from now on fail and lose what they should have kept. */
  failingSyncs: number;
  capacity: number;
}

/**
 * A disk in memory that fails as real ones do.
 *
 * A crash of the process keeps what the kernel has; a power cut keeps what was
 * synced and any part of the rest: writes reordered, torn in the middle, names
 * without content and content without names. A failed sync loses what it should
 * have kept, and the next one reports success. A full disk writes what fits.
 */
export class FaultyDisk {
  operations = 0;
  syncs = 0;
  readonly plan: Plan = {
    endAt: Infinity,
    failingSyncs: 0,
    capacity: Infinity,
  };
  private names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();
  private unsyncedNames: NameChange[] = [];
  private life = 0;
  private time = 1;
  private onEnd: () => void = () => {};

  /** The disk as one process sees it; when it has ended, nothing answers. */
  mount(onEnd: () => void): Disk {
    this.life += 1;
    this.onEnd = onEnd;
    const { life } = this;
    const step = async <T>(action: () => T): Promise<T> => {
      await new Promise(resolve => {
        setImmediate(resolve);
      });
      if (life !== this.life) {
        return new Promise(() => {});
      }
      this.operations += 1;
      if (this.operations >= this.plan.endAt) {
        this.life += 1;
        this.plan.endAt = Infinity;
        this.onEnd();
        return new Promise(() => {});
      }
      return action();
    };
    return {
      makeDirectory: () => step(() => {}),
      list: path =>
        step(() =>
          [...this.names.keys()]
            .filter(name => dirname(name) === path)
            .map(name => name.slice(path.length + 1)),
        ),
      create: path => step(() => this.create(path, step)),
      readFile: path => step(() => Buffer.from(this.inode(path).content)),
      link: (from, to) => step(() => this.setName(to, this.inode(from))),
      rename: (from, to) =>
        step(() => {
          const inode = this.inode(from);
          this.removeName(to);
          this.removeName(from);
          this.setName(to, inode);
        }),
      touch: path =>
        step(() => {
          this.time += 1;
          this.inode(path).changedAt = this.time;
        }),
      changedAt: path => step(() => this.inode(path).changedAt),
      remove: path => step(() => this.removeName(path)),
      syncDirectory: path =>
        step(() => {
          const isHere = (change: NameChange) => dirname(change.path) === path;
          this.unsyncedNames.filter(isHere).forEach(change => {
            applyName(this.durableNames, change);
          });
          this.unsyncedNames = this.unsyncedNames.filter(
            change => !isHere(change),
          );
        }),
    };
  }

  /** The process ends; the kernel does not. */
  kill(): void {
    this.life += 1;
    this.plan.endAt = Infinity;
  }

  /** The machine ends: what was not synced survives by chance. */
  cutPower(random: Random): void {
    this.kill();
    for (const change of this.unsyncedNames) {
      if (random() < 0.5) {
        applyName(this.durableNames, change);
      }
    }
    this.unsyncedNames = [];
    this.names = new Map(this.durableNames);
    for (const inode of new Set(this.names.values())) {
      for (const change of inode.unsynced) {
        const chance = random();
        if (chance < 0.4) {
          inode.durable = applyChange(inode.durable, change);
        } else if (chance < 0.8 && change.bytes) {
          const torn = Math.floor(random() * change.bytes.length);
          const bytes = change.bytes.subarray(0, torn);
          inode.durable = applyChange(inode.durable, { ...change, bytes });
        }
      }
      inode.unsynced = [];
      inode.content = inode.durable;
    }
  }

  /** What the medium has is changed behind everybody's back. */
  corrupt(path: string, change: (bytes: Buffer) => Buffer): void {
    const inode = this.inode(path);
    inode.content = change(Buffer.from(inode.content));
    inode.durable = inode.content;
    inode.unsynced = [];
  }

  paths(): string[] {
    return [...this.names.keys()].sort();
  }

  sizeOf(path: string): number {
    return this.inode(path).content.length;
  }

  usedBytes(): number {
    return [...new Set(this.names.values())].reduce(
      (sum, { content }) => sum + content.length,
      0,
    );
  }

  private create(
    path: string,
    step: <T>(action: () => T) => Promise<T>,
  ): DiskFile {
    const inode: Inode = {
      content: Buffer.alloc(0),
      durable: Buffer.alloc(0),
      unsynced: [],
      changedAt: 1,
    };
    if (this.usedBytes() >= this.plan.capacity) {
      throw errorOf('ENOSPC');
    }
    this.setName(path, inode);
    const change = (each: Change) => {
      inode.content = applyChange(inode.content, each);
      inode.unsynced.push(each);
    };
    return {
      write: (bytes, position) =>
        step(() => {
          const growth = position + bytes.length - inode.content.length;
          const free = this.plan.capacity - this.usedBytes();
          if (growth > free) {
            const fits = Math.max(0, bytes.length - growth + Math.max(0, free));
            change({ position, bytes: bytes.slice(0, fits) });
            throw errorOf('ENOSPC');
          }
          change({ position, bytes: bytes.slice() });
        }),
      sync: () =>
        step(() => {
          this.syncs += 1;
          const { unsynced } = inode;
          inode.unsynced = [];
          if (this.plan.failingSyncs > 0) {
            this.plan.failingSyncs -= 1;
            throw errorOf('EIO');
          }
          for (const each of unsynced) {
            inode.durable = applyChange(inode.durable, each);
          }
        }),
      truncate: position => step(() => change({ position })),
      close: () => step(() => {}),
    };
  }

  private inode(path: string): Inode {
    const inode = this.names.get(path);
    if (!inode) {
      throw errorOf('ENOENT');
    }
    return inode;
  }

  private setName(path: string, inode: Inode): void {
    if (this.names.has(path)) {
      throw errorOf('EEXIST');
    }
    this.names.set(path, inode);
    this.unsyncedNames.push({ path, inode });
  }

  private removeName(path: string): void {
    if (this.names.delete(path)) {
      this.unsyncedNames.push({ path });
    }
  }
}

function applyChange(content: Buffer, { position, bytes }: Change): Buffer {
  if (!bytes) {
    return Buffer.from(content.subarray(0, position));
  }
  const target = Buffer.alloc(
    Math.max(content.length, position + bytes.length),
  );
  target.set(content);
  target.set(bytes, position);
  return target;
}

function applyName(names: Map<string, Inode>, { path, inode }: NameChange) {
  if (inode) {
    names.set(path, inode);
  } else {
    names.delete(path);
  }
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
