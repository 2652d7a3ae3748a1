import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ManifestSigner } from './ManifestSigner';

describe('ManifestSigner', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-keys-'));
  });
  afterEach(() => fs.rm(dataDir, { recursive: true }));

  const open = () => ManifestSigner.open({ dataDir, formerPublicKeys: [] });
  const keyFile = () => path.join(dataDir, 'manifest-signing-key.pem');
  const pair = () =>
    generateKeyPairSync('ed25519', {
      publicKeyEncoding: { format: 'pem', type: 'spki' },
      privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    });

  it('makes one key, however many start at once, that only its user can read', async () => {
    const signers = await Promise.all([open(), open(), open(), open()]);
    const again = await open();
    const kids = [...signers, again].map(({ keySet }) => keySet.keys[0].kid);
    expect(new Set(kids).size).toBe(1);
    const { mode } = await fs.stat(keyFile());
    expect((mode % 0o1000).toString(8)).toBe('600');
    expect(await fs.readdir(dataDir)).toEqual(['manifest-signing-key.pem']);
  });

  it('refuses a key that others can read', async () => {
    await open();
    await fs.chmod(keyFile(), 0o640);
    await expect(open()).rejects.toThrow('Others may read the signing key');
  });

  it.each([
    ['no key', 'not a key'],
    [
      'a key of another kind',
      generateKeyPairSync('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { format: 'pem', type: 'spki' },
        privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
      }).privateKey,
    ],
  ])('refuses %s in the configuration, without telling it', async (_, key) => {
    const refused = ManifestSigner.open({
      privateKey: key,
      formerPublicKeys: [],
    }).catch(error => error);
    const error = await refused;
    expect(error.message).toContain('is not an Ed25519 key');
    expect(error.message).not.toContain(key.slice(0, 12));
  });

  it('signs what DSSE says, by the key it names, and nothing else verifies', async () => {
    const { privateKey } = pair();
    const signer = await ManifestSigner.open({
      privateKey,
      formerPublicKeys: [],
    });
    const manifest = Buffer.from('{"revision": 1, "ü": "1 2"}\n');
    const { payload, payloadType, signatures } = signer.sign(manifest);
    expect(Buffer.from(payload, 'base64').equals(manifest)).toBe(true);
    const [{ keyid, sig }] = signatures;
    const [{ kid, x }] = signer.keySet.keys;
    expect(keyid).toBe(kid);
    const publicKey = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x },
      format: 'jwk',
    });
    const isSigned = (text: string) =>
      verify(null, Buffer.from(text), publicKey, Buffer.from(sig, 'base64'));
    const signed = `DSSEv1 ${payloadType.length} ${payloadType} ${manifest.length} ${manifest}`;
    expect(isSigned(signed)).toBe(true);
    expect(isSigned(signed.replace('1 2', '1 3'))).toBe(false);
    expect(isSigned(String(manifest))).toBe(false);
  });

  it('goes on listing former keys, each once, the signing one first', async () => {
    const [former, current] = [pair(), pair()];
    const signer = await ManifestSigner.open({
      privateKey: current.privateKey,
      formerPublicKeys: [former.publicKey, current.publicKey],
    });
    const before = await ManifestSigner.open({
      privateKey: former.privateKey,
      formerPublicKeys: [],
    });
    const { keys } = signer.keySet;
    expect(keys).toHaveLength(2);
    expect(keys[1]).toEqual(before.keySet.keys[0]);
  });

  it('does not sign without a key', async () => {
    const signer = await ManifestSigner.open({ formerPublicKeys: [] });
    expect(signer.keySet.keys).toEqual([]);
    expect(() => signer.sign(Buffer.from('x'))).toThrow(
      'delivery.manifestSigning.privateKey',
    );
  });
});
