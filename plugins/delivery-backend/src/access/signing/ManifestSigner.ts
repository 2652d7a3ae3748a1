import { createPublicKey, type KeyObject } from 'node:crypto';
import path from 'node:path';
import { NotImplementedError } from '@backstage/errors';
import type {
  ManifestKeySet,
  SignedManifest,
} from '@millrace/plugin-delivery-common';
import { signManifest, toJwk } from './envelope';
import {
  openSigningKey,
  parsePrivateKey,
  parsePublicKey,
} from './openSigningKey';

const KEY_FILE = 'manifest-signing-key.pem';

/** Where the keys come from. */
export interface SigningConfig {
  /** PEM. Comes before the file. */
  privateKey?: string;
  /** PEM. Keys that have signed and sign no more. */
  formerPublicKeys: string[];
  /** Folder of the key that is made when none is given. */
  dataDir?: string;
}

/** Signs manifests, and tells by which keys. */
export class ManifestSigner {
  static async open(config: SigningConfig): Promise<ManifestSigner> {
    const former = config.formerPublicKeys.map(pem =>
      parsePublicKey(pem, 'delivery.manifestSigning.formerPublicKeys'),
    );
    if (config.privateKey !== undefined) {
      const from = 'delivery.manifestSigning.privateKey';
      return new ManifestSigner(
        parsePrivateKey(config.privateKey, from),
        former,
      );
    }
    return new ManifestSigner(
      config.dataDir === undefined
        ? undefined
        : await openSigningKey(path.join(config.dataDir, KEY_FILE)),
      former,
    );
  }

  readonly #privateKey: KeyObject | undefined;
  readonly keySet: ManifestKeySet;

  private constructor(privateKey: KeyObject | undefined, former: KeyObject[]) {
    this.#privateKey = privateKey;
    this.keySet = {
      keys: [...(privateKey ? [createPublicKey(privateKey)] : []), ...former]
        .map(toJwk)
        .filter(
          ({ kid }, index, all) =>
            all.findIndex(other => other.kid === kid) === index,
        ),
    };
  }

  /** @throws NotImplementedError when there is no key to sign with */
  sign(manifest: Buffer): SignedManifest {
    if (!this.#privateKey) {
      throw new NotImplementedError(
        'Manifests are not signed here: set delivery.manifestSigning.privateKey, or delivery.dataDir',
      );
    }
    return signManifest(manifest, this.#privateKey);
  }
}
