import type { DeliveryConfig, EmbeddedConfig } from '../config';
import { childEnvironment } from './childEnvironment';

describe('childEnvironment', () => {
  const config: DeliveryConfig & { embedded: EmbeddedConfig } = {
    bucketSeconds: 60,
    latenessObjectivesMs: { critical: 30_000, normal: 60_000, low: 300_000 },
    projectId: 'test',
    brokerAddress: '127.0.0.1:7009',
    orphanGraceMs: 604_800_000,
    gatewayUrl: 'http://localhost:7008',
    gatewayLimits: { browserEventsPerSecondPerAddress: 5, trustedProxyHops: 1 },
    ledgerConnection: 'postgresql://ledger',
    lakeRoot: '/lake',
    manifestSigning: { formerPublicKeys: [] },
    audit: { cycleDays: 7 },
    embedded: {
      command: ['node'],
      dataDir: '/data',
      stagingDir: '/staging',
      brokerPort: 7009,
      gatewayPort: 7008,
    },
  };

  it('tells the limits to the gateway alone, and nothing of the portal to anybody', () => {
    const own = { PATH: '/bin', AUTH_SECRET: 'secret' };
    expect(childEnvironment('gateway', config, own)).toMatchObject({
      PATH: '/bin',
      MILLRACE_GATEWAY_BROWSER_EVENTS_PER_SECOND_PER_ADDRESS: '5',
      MILLRACE_GATEWAY_TRUSTED_PROXY_HOPS: '1',
    });
    for (const role of ['broker', 'gateway', 'worker'] as const) {
      const names = Object.keys(childEnvironment(role, config, own));
      expect(names).not.toContain('AUTH_SECRET');
      expect(names.includes('MILLRACE_GATEWAY_TRUSTED_PROXY_HOPS')).toBe(
        role === 'gateway',
      );
    }
  });

  it('lets the worker alone find the credentials of a lake at Google', () => {
    const own = { GOOGLE_APPLICATION_CREDENTIALS: '/key.json' };
    const atGoogle = { ...config, lakeRoot: 'gs://my-lake' };
    const seen = (role: 'broker' | 'gateway' | 'worker', with_ = atGoogle) =>
      childEnvironment(role, with_, own).GOOGLE_APPLICATION_CREDENTIALS;
    expect(seen('worker')).toBe('/key.json');
    expect(seen('gateway')).toBeUndefined();
    expect(seen('broker')).toBeUndefined();
    expect(seen('worker', config)).toBeUndefined();
    const worker = childEnvironment('worker', atGoogle, own);
    expect(worker.METADATA_SERVER_DETECTION).toBeUndefined();
  });
});
