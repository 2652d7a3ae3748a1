import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import {
  type ManifestKeySet,
  MANIFEST_PAYLOAD_TYPE,
  type SignedManifest,
} from '@millrace/plugin-delivery-common';

/**
 * What is signed of a payload: DSSE's pre-authentication encoding, which says
 * where the type ends and the payload begins.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
function preAuthenticationEncoding(payload: Buffer): Buffer {
  const type = MANIFEST_PAYLOAD_TYPE;
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
}

/** Signs the bytes of a manifest. */
export function signManifest(
  manifest: Buffer,
  privateKey: KeyObject,
): SignedManifest {
  return {
    payloadType: MANIFEST_PAYLOAD_TYPE,
    payload: manifest.toString('base64'),
    signatures: [
      {
        keyid: toJwk(createPublicKey(privateKey)).kid,
        sig: sign(
          null,
          preAuthenticationEncoding(manifest),
          privateKey,
        ).toString('base64'),
      },
    ],
  };
}

/** A public key as a JSON Web Key, named by its thumbprint (RFC 7638). */
export function toJwk(publicKey: KeyObject): ManifestKeySet['keys'][number] {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)
    .digest('base64url');
  return { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' };
}
