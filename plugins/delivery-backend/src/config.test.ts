import { mockServices } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import { readDeliveryConfig } from './config';
import { childEnvironment } from './embedded/childEnvironment';

const EXTERNAL = {
  mode: 'external',
  gateway: { url: 'https://gateway.example.net' },
  ledger: { connection: 'postgresql://ledger' },
  lake: { root: '/lake' },
};

const EMBEDDED = {
  mode: 'embedded',
  bucket: 'PT1M',
  projectId: 'test',
  dataDir: '/data',
  broker: { address: '127.0.0.1:7009' },
  gateway: { url: 'http://localhost:7008' },
  ledger: { connection: 'postgresql://ledger' },
  lake: { root: '/lake' },
  staging: { dir: '/staging' },
  embedded: { command: ['node', 'millrace'] },
};

function read(delivery: JsonObject) {
  return readDeliveryConfig(mockServices.rootConfig({ data: { delivery } }));
}

describe('readDeliveryConfig', () => {
  it('reads external mode, where nothing is started', () => {
    expect(read(EXTERNAL)).toEqual({
      bucketSeconds: 3600,
      latenessObjectivesMs: {
        critical: 15 * 60_000,
        normal: 60 * 60_000,
        low: 4 * 60 * 60_000,
      },
      projectId: 'millrace',
      brokerAddress: undefined,
      orphanGraceMs: 604_800_000,
      gatewayUrl: 'https://gateway.example.net',
      ledgerConnection: 'postgresql://ledger',
      lakeRoot: '/lake',
      gatewayLimits: {},
      bigQuery: undefined,
      avro: undefined,
      manifestSigning: { formerPublicKeys: [] },
      refusedRetentionDays: undefined,
      audit: { cycleDays: 7, readMebibytesPerSecond: undefined },
      platformTeam: undefined,
      embedded: undefined,
    });
  });

  it('reads lateness objectives, in the forms Backstage knows, and tells them to the worker', () => {
    const config = read({
      ...EMBEDDED,
      lateness: { critical: 'PT20S', low: { minutes: 30 } },
    });
    expect(config.latenessObjectivesMs).toEqual({
      critical: 20_000,
      normal: 60_000,
      low: 30 * 60_000,
    });
    const { embedded } = config;
    expect(
      childEnvironment('worker', { ...config, embedded: embedded! }, {}),
    ).toMatchObject({
      MILLRACE_LATENESS_CRITICAL_SECONDS: '20',
      MILLRACE_LATENESS_NORMAL_SECONDS: '60',
      MILLRACE_LATENESS_LOW_SECONDS: '1800',
    });
  });

  it.each([
    ['a tier that is stricter than a more critical one', { normal: 'PT10S' }],
    ['no time at all', { critical: 'PT0S' }],
    ['no duration', { critical: 'soon' }],
  ])('refuses lateness objectives with %s', (_, lateness) => {
    expect(() => read({ ...EMBEDDED, lateness })).toThrow(/lateness/);
  });

  it('reads embedded mode, with ports out of the addresses', () => {
    expect(read(EMBEDDED)).toMatchObject({
      bucketSeconds: 60,
      projectId: 'test',
      brokerAddress: '127.0.0.1:7009',
      embedded: {
        command: ['node', 'millrace'],
        dataDir: '/data',
        stagingDir: '/staging',
        brokerPort: 7009,
        gatewayPort: 7008,
      },
    });
    expect(
      read({ ...EMBEDDED, gateway: { url: 'http://proxy', port: 1 } }),
    ).toMatchObject({ embedded: { gatewayPort: 1 } });
  });

  it('hands to the worker how its auditor goes round', () => {
    const config = read({
      ...EMBEDDED,
      audit: { cycleDays: 1, readMebibytesPerSecond: 8 },
    });
    const { embedded } = config;
    expect(
      childEnvironment('worker', { ...config, embedded: embedded! }, {}),
    ).toMatchObject({
      MILLRACE_AUDIT_CYCLE_DAYS: '1',
      MILLRACE_AUDIT_READ_MIB_PER_SECOND: '8',
    });
    expect(() =>
      read({ ...EMBEDDED, audit: { readMebibytesPerSecond: 0 } }),
    ).toThrow(/audit.readMebibytesPerSecond/);
  });

  it('hands the retention of refused events to the worker', () => {
    const config = read({
      ...EMBEDDED,
      refusedEvents: { retentionDays: 7 },
    });
    const { embedded } = config;
    expect(config.refusedRetentionDays).toBe(7);
    expect(
      childEnvironment('worker', { ...config, embedded: embedded! }, {}),
    ).toMatchObject({ MILLRACE_REFUSED_RETENTION_DAYS: '7' });
  });

  it('hands BigQuery to the worker', () => {
    const sinks = { bigQuery: { dataset: 'events', location: 'EU' } };
    const config = read({
      ...EMBEDDED,
      lake: { root: 'gs://my-lake' },
      sinks,
    });
    expect(
      childEnvironment('worker', { ...config, embedded: config.embedded! }, {}),
    ).toMatchObject({
      MILLRACE_LAKE_ROOT: 'gs://my-lake',
      MILLRACE_BIGQUERY_DATASET: 'events',
      MILLRACE_BIGQUERY_LOCATION: 'EU',
    });
    expect(() => read({ ...EMBEDDED, sinks })).toThrow(
      'delivery.sinks.bigQuery',
    );
  });

  it('hands to the worker where, and of which event types, to write Avro', () => {
    const avro = { root: '/avro', eventTypes: ['shop.order', 'page.viewed'] };
    const config = read({ ...EMBEDDED, sinks: { avro } });
    expect(
      childEnvironment('worker', { ...config, embedded: config.embedded! }, {}),
    ).toMatchObject({
      MILLRACE_AVRO_ROOT: '/avro',
      MILLRACE_AVRO_EVENT_TYPES: 'shop.order,page.viewed',
    });
    expect(() =>
      read({ ...EMBEDDED, sinks: { avro: { root: EMBEDDED.lake.root } } }),
    ).toThrow('delivery.sinks.avro.root');
  });

  it('hands to the worker how long, and how many bytes of, staged files outlive sealing', () => {
    const config = read({
      ...EMBEDDED,
      staging: { ...EMBEDDED.staging, retentionHours: 6, maxSealedBytes: 1e9 },
    });
    const { embedded } = config;
    expect(
      childEnvironment('worker', { ...config, embedded: embedded! }, {}),
    ).toMatchObject({
      MILLRACE_STAGED_RETENTION_HOURS: '6',
      MILLRACE_STAGED_MAX_BYTES: '1000000000',
    });
  });

  it.each([
    [
      { ...EMBEDDED, staging: { ...EMBEDDED.staging, retentionHours: 721 } },
      'delivery.staging.retentionHours',
    ],
    [
      { ...EMBEDDED, staging: { ...EMBEDDED.staging, maxSealedBytes: -1 } },
      'delivery.staging.maxSealedBytes',
    ],
    [
      { ...EMBEDDED, refusedEvents: { retentionDays: 0 } },
      'delivery.refusedEvents.retentionDays',
    ],
    [{ ...EMBEDDED, lake: { root: 's3://lake' } }, 'delivery.lake.root'],
    [{ ...EMBEDDED, mode: 'magic' }, 'delivery.mode'],
    [{ ...EMBEDDED, bucket: 'PT7M' }, 'delivery.bucket'],
    [{ ...EMBEDDED, gateway: { url: 'localhost' } }, 'delivery.gateway.url'],
    [
      {
        ...EMBEDDED,
        gateway: { url: 'http://localhost:1', limits: { events: 5 } },
      },
      'delivery.gateway.limits.events',
    ],
    [{ ...EMBEDDED, broker: { address: 'host' } }, 'delivery.broker.address'],
    [
      { ...EMBEDDED, gateway: { url: 'http://localhost' } },
      'delivery.gateway.url',
    ],
    [{ ...EMBEDDED, embedded: { command: [] } }, 'delivery.embedded.command'],
  ])('refuses a wrong setting and names it: %#', (delivery, key) => {
    expect(() => read(delivery)).toThrow(key);
  });
});
