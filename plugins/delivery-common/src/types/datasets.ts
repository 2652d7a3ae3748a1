import type { PartitionFile } from './partitions';

/*
 * What programs read by. A dataset is a data endpoint as its readers see it:
 * sealed partitions and their revisions, and nothing that is still under way.
 */

/**
 * A sealed revision of one bucket.
 *
 * @public
 */
export interface DatasetPartition {
  /** RFC 3339, UTC. */
  bucketStart: string;
  bucketEnd: string;
  revision: number;
  /** Whether it is the revision to read; an earlier one was replaced. */
  isCurrent: boolean;
  sealedAt: string;
  rows: number;
  bytes: number;
  schemaVersion?: number;
  /** Of the bytes of the manifest, in hex. Missing when nothing was written. */
  manifestSha256?: string;
}

/**
 * The answer of `GET /datasets/:name/partitions`, oldest bucket first.
 *
 * @public
 */
export interface DatasetPartitionList {
  items: DatasetPartition[];
  /** The `cursor` of the next page; missing on the last one. */
  nextCursor?: string;
}

/**
 * A file of a partition, and where it lies.
 *
 * @public
 */
export interface DatasetFile extends PartitionFile {
  /** Path below the root of the lake. */
  key: string;
  /** `gs://…`, when the lake is in Cloud Storage. */
  uri?: string;
}

/**
 * A sealed revision with its files.
 *
 * @public
 */
export interface DatasetPartitionDetail extends DatasetPartition {
  /** Path of the manifest below the root of the lake. */
  manifestKey?: string;
  files: DatasetFile[];
}

/**
 * The answer of `GET /datasets/:name/partitions/:bucketStart`.
 *
 * @public
 */
export interface DatasetPartitionState {
  bucketStart: string;
  /** `false` also when no such bucket will ever be: nobody knows the future. */
  isSealed: boolean;
  partition?: DatasetPartitionDetail;
}

/** What is signed: the manifest, byte for byte as it lies in the lake. @public */
export const MANIFEST_PAYLOAD_TYPE =
  'application/vnd.millrace.manifest.v1+json';

/**
 * A DSSE envelope (https://github.com/secure-systems-lab/dsse) around a manifest.
 *
 * @public
 */
export interface SignedManifest {
  payloadType: typeof MANIFEST_PAYLOAD_TYPE;
  /** The bytes of the manifest in base64. */
  payload: string;
  signatures: {
    /** Thumbprint (RFC 7638) of the key in `/.well-known/jwks.json`. */
    keyid: string;
    /** Ed25519 over the pre-authentication encoding, in base64. */
    sig: string;
  }[];
}

/**
 * The answer of `GET /.well-known/jwks.json`: a JSON Web Key Set of the Ed25519
 * keys that sign manifests, or have signed them. The first one signs.
 *
 * @public
 */
export interface ManifestKeySet {
  keys: {
    kty: 'OKP';
    crv: 'Ed25519';
    x: string;
    kid: string;
    alg: 'EdDSA';
    use: 'sig';
  }[];
}
