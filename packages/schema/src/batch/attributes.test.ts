import fc from 'fast-check';
import { bucketOf } from '../bucket';
import { SchemaError } from '../errors';
import {
  encodeBatchAttributes,
  encodeRefusedAttributes,
  parseBatchAttributes,
  parseRefusedAttributes,
} from './attributes';

const name = fc.stringMatching(/^[\w.:-]{1,40}$/);
const numbers = {
  gateway: name,
  epoch: name,
  eventType: fc.constantFrom('github.push', 'shop.order_placed'),
  schemaVersion: fc.integer({ min: 1 }),
  bucket: fc
    .tuple(
      fc.date({
        min: new Date('2000-01-01T00:00:00Z'),
        max: new Date('2100-01-01T00:00:00Z'),
        noInvalidDate: true,
      }),
      fc.constantFrom(10, 60, 900, 3600),
    )
    .map(([at, seconds]) => bucketOf(at, seconds)),
  batch: fc.nat(),
  events: fc.integer({ min: 1 }),
  bytes: fc.maxSafeNat().map(bytes => bytes || 1),
};
const header = fc.oneof(
  fc.record(numbers),
  fc.record({ ...numbers, crc: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
);

const example = {
  format: 'ndjson+zstd/1',
  gateway: 'gateway-1',
  epoch: '2026-11-21T13:05:11.123Z',
  eventType: 'github.push',
  schemaVersion: '1',
  bucketStart: '2026-11-21T13:00:00.000Z',
  bucketSeconds: '3600',
  batch: '7',
  events: '500',
  bytes: '135000',
  crc32: '00c0ffee',
};

describe('batch attributes', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(header, value => {
        const attributes = encodeBatchAttributes(value);
        expect(parseBatchAttributes(attributes)).toEqual(value);
        for (const text of Object.values(attributes)) {
          expect(typeof text).toBe('string');
        }
      }),
    );
  });

  it('follow the documented form', () => {
    expect(
      encodeBatchAttributes({
        gateway: 'gateway-1',
        epoch: '2026-11-21T13:05:11.123Z',
        eventType: 'github.push',
        schemaVersion: 1,
        bucket: { start: new Date('2026-11-21T13:00:00Z'), seconds: 3600 },
        batch: 7,
        events: 500,
        bytes: 135000,
        crc: 0xc0ffee,
      }),
    ).toEqual(example);
  });

  it('have no CRC when a gateway of a version before it wrote them', () => {
    const { crc32: _, ...before } = example;
    expect(parseBatchAttributes(before)).not.toHaveProperty('crc');
  });

  it.each(['', 'c0ffee', '00C0FFEE', '0x00c0ff', '00c0ffee0'])(
    'are refused with crc32 = %p',
    crc32 => {
      expect(() => parseBatchAttributes({ ...example, crc32 })).toThrow(
        expect.objectContaining({ code: 'invalid_batch_header' }),
      );
    },
  );

  it('ignore attributes a broker adds', () => {
    expect(
      parseBatchAttributes({ ...example, googclient_x: '1' }),
    ).toMatchObject({ batch: 7 });
  });

  it.each([
    ['format', 'ndjson+zstd/2'],
    ['format', 'refused-ndjson+zstd/1'],
    ['gateway', ''],
    ['gateway', '../../etc/passwd'],
    ['epoch', 'x'.repeat(201)],
    ['eventType', 'Nope'],
    ['schemaVersion', '0'],
    ['bucketStart', '2026-11-21T13:00:01.000Z'],
    ['bucketStart', '2026-11-21'],
    ['bucketStart', 'yesterday'],
    ['bucketSeconds', '0'],
    ['batch', '-1'],
    ['batch', '1e3'],
    ['events', '0'],
    ['events', '007'],
    ['bytes', '99999999999999999999'],
  ])('are refused with %s = %p, and when it is missing', (key, value) => {
    const invalid = expect.objectContaining({
      code: 'invalid_batch_header',
      message: expect.stringContaining(`'${key}'`),
    });
    expect(() => parseBatchAttributes({ ...example, [key]: value })).toThrow(
      invalid,
    );
    const { [key as keyof typeof example]: _, ...rest } = example;
    expect(() => parseBatchAttributes(rest)).toThrow(invalid);
  });

  it('are refused with a bucket that does not divide an hour', () => {
    expect(() =>
      parseBatchAttributes({ ...example, bucketSeconds: '7' }),
    ).toThrow(SchemaError);
  });

  it('are not written when they could not be read', () => {
    expect(() =>
      encodeBatchAttributes({
        ...parseBatchAttributes(example),
        events: 0.5,
      }),
    ).toThrow(SchemaError);
  });

  it('of refused events are a format of their own', () => {
    const value = { gateway: 'g', epoch: 'e', batch: 0, events: 3 };
    const attributes = encodeRefusedAttributes(value);
    expect(attributes.format).toBe('refused-ndjson+zstd/1');
    expect(parseRefusedAttributes(attributes)).toEqual(value);
    expect(() => parseBatchAttributes(attributes)).toThrow(SchemaError);
    expect(() => parseRefusedAttributes(example)).toThrow(SchemaError);
  });
});
