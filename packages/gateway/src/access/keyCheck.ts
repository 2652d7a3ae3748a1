import { timingSafeEqual } from 'node:crypto';
import {
  isWriteKeySecret,
  parseWriteKey,
  type SnapshotWriteKey,
} from '@millrace/ledger';
import type { GatewaySnapshot } from '../snapshot';

/** Compared with when there is no such key, so that both cases cost the same. */
const NO_SECRET_HASH = '0'.repeat(64);

/** Where the key id stands in `mr_<key id>_<secret>_<checksum>`. */
const KEY_ID_START = 3;
const KEY_ID_END = 13;
const WRITE_KEY_LENGTH = 51;

const MAX_KNOWN_BAD = 10_000;

/** A key that has been shown to be genuine. */
export interface GenuineKey {
  key: SnapshotWriteKey;
  /** Milliseconds since 1970; Infinity when it does not expire. */
  expiresAtMs: number;
}

/** Why a text is no write key of ours. */
export type KeyProblem = 'mistyped' | 'unknown';

interface Proof extends GenuineKey {
  /** The whole key in clear: it stays in memory and goes nowhere. */
  text: Buffer;
}

/**
 * Tells genuine write keys from others.
 *
 * What was proved once is remembered, because SHA-256 per request would cost
 * more than all the rest of authenticating: a genuine key by its id, so there
 * are never more proofs than keys; a bad one in a bounded list, the oldest going
 * first. Both are memories of one snapshot. A new snapshot keeps a proof only if
 * it has the very same key, and forgets all that was bad, so a revoked key is
 * refused and a new key taken from that moment on.
 *
 * The secret is compared in constant time, with a hash or with the remembered
 * text; looking up goes by the key id, which is no secret.
 */
export class KeyCheck {
  private readonly proofs = new Map<string, Proof>();
  private readonly knownBad = new Set<string>();
  private snapshot: GatewaySnapshot | undefined;

  constructor(private readonly maxKnownBad: number = MAX_KNOWN_BAD) {}

  check(text: string, snapshot: GatewaySnapshot): GenuineKey | KeyProblem {
    if (this.snapshot !== snapshot) {
      this.follow(snapshot);
    }
    if (text.length !== WRITE_KEY_LENGTH) {
      return 'mistyped';
    }
    const proof = this.proofs.get(text.slice(KEY_ID_START, KEY_ID_END));
    if (proof && isSameText(text, proof.text)) {
      return proof;
    }
    if (this.knownBad.has(text)) {
      return 'unknown';
    }
    return this.prove(text, snapshot);
  }

  /** How much is remembered, for tests of its bounds. */
  get size(): { proofs: number; knownBad: number } {
    return { proofs: this.proofs.size, knownBad: this.knownBad.size };
  }

  private prove(
    text: string,
    snapshot: GatewaySnapshot,
  ): GenuineKey | KeyProblem {
    const parsed = parseWriteKey(text);
    if (!parsed) {
      return 'mistyped';
    }
    const key = snapshot.writeKeys.get(parsed.keyId);
    const isGenuine = isWriteKeySecret(
      parsed.secret,
      key?.secretHash ?? NO_SECRET_HASH,
    );
    if (!key || !isGenuine) {
      this.rememberBad(text);
      return 'unknown';
    }
    const proof: Proof = {
      key,
      expiresAtMs: expiryOf(key),
      text: Buffer.from(text),
    };
    this.proofs.set(parsed.keyId, proof);
    return proof;
  }

  private rememberBad(text: string): void {
    if (this.knownBad.size >= this.maxKnownBad) {
      for (const oldest of this.knownBad) {
        this.knownBad.delete(oldest);
        break;
      }
    }
    this.knownBad.add(text);
  }

  private follow(snapshot: GatewaySnapshot): void {
    this.snapshot = snapshot;
    this.knownBad.clear();
    for (const [keyId, proof] of this.proofs) {
      const key = snapshot.writeKeys.get(keyId);
      if (key && key.secretHash === proof.key.secretHash) {
        proof.key = key;
        proof.expiresAtMs = expiryOf(key);
      } else {
        this.proofs.delete(keyId);
      }
    }
  }
}

function isSameText(text: string, known: Buffer): boolean {
  const bytes = Buffer.from(text);
  return bytes.length === known.length && timingSafeEqual(bytes, known);
}

function expiryOf({ expiresAt }: SnapshotWriteKey): number {
  return expiresAt === undefined ? Infinity : Date.parse(expiresAt);
}
