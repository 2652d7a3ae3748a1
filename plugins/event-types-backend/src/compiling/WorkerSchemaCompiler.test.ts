import { mockServices } from '@backstage/backend-test-utils';
import { compileValidator, type EventSchema } from '@millrace/schema';
import { SchemaCompilerBusyError } from '../errors';
import type { CompilerLimits } from './WorkerSchemaCompiler';
import { WorkerSchemaCompiler } from './WorkerSchemaCompiler';
import type { SchemaSource } from './types';

jest.setTimeout(60_000);

const GOOD: SchemaSource = {
  kind: 'avro',
  schema: {
    type: 'record',
    name: 'push',
    fields: [{ name: 'id', type: 'long' }],
  },
};

/** Variants with names of their own: each is united with all before it. */
function hostileVariants(variants: number): SchemaSource {
  const schemas = Array.from({ length: variants }, (_, variant) => ({
    properties: Object.fromEntries(
      Array.from({ length: 100 }, (__, n) => [`p${variant}_${n}`, {}]),
    ),
  }));
  return { kind: 'jsonSchema', name: 'push', document: { oneOf: schemas } };
}

/** One very long reference, followed again and again. */
function hostileReference(): SchemaSource {
  const name = '%61'.repeat(500_000);
  return {
    kind: 'jsonSchema',
    name: 'push',
    document: {
      oneOf: Array(20_000).fill({ $ref: '#/definitions/follow' }),
      definitions: {
        follow: { $ref: `#/definitions/${name}` },
        ['a'.repeat(500_000)]: { type: 'object' },
      },
    },
  };
}

function flatRecord(fields: number): SchemaSource {
  return {
    kind: 'avro',
    schema: {
      type: 'record',
      name: 'wide',
      fields: Array.from({ length: fields }, (_, n) => ({
        name: `field_${n}`,
        type: 'string',
      })),
    },
  };
}

function canCompile(schema: EventSchema): boolean {
  try {
    compileValidator(schema)({});
    return true;
  } catch {
    return false;
  }
}

describe('WorkerSchemaCompiler', () => {
  const logger = mockServices.logger.mock();
  let compiler: WorkerSchemaCompiler;

  const start = (limits: Partial<CompilerLimits> = {}) => {
    compiler = new WorkerSchemaCompiler({ logger, limits });
    return compiler;
  };
  afterEach(() => compiler.stop());

  it('makes schemas of every source, ready to be used', async () => {
    start();
    const sources: SchemaSource[] = [
      GOOD,
      {
        kind: 'fields',
        name: 'push',
        fields: [{ name: 'id', type: 'integer', required: true }],
      },
      { kind: 'samples', name: 'push', samples: [{ id: 1 }] },
      {
        kind: 'jsonSchema',
        name: 'push',
        document: { required: ['id'], properties: { id: { type: 'integer' } } },
      },
    ];
    const compiled = await Promise.all(
      sources.map(source => compiler.compile(source)),
    );
    expect(compiled.map(({ value }) => value?.avro)).toEqual(
      Array(4).fill({
        type: 'record',
        name: 'push',
        fields: [{ name: 'id', type: 'long' }],
      }),
    );
    expect(Object.isFrozen(compiled[0].value?.avro.fields)).toBe(true);
  });

  it('tells the problems of a source with their places in it', async () => {
    const { value, problems } = await start().compile({
      kind: 'avro',
      schema: {
        type: 'record',
        name: 'push',
        fields: [
          { name: 'a', type: 'text' },
          { name: 'b', type: 'bytes' },
        ],
      },
    });
    expect(value).toBeUndefined();
    expect(problems.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['unknown_reference', '/fields/0/type'],
      ['unsupported_type', '/fields/1/type'],
    ]);
  });

  it.each([
    ['unites thousands of variants', () => hostileVariants(700)],
    ['follows a very long reference', hostileReference],
  ])(
    'refuses a document that %s, while the event loop goes on',
    async (_name, hostile) => {
      start({ timeoutMs: 400 });
      await compiler.compile(GOOD);
      const source = hostile();

      let ticks = 0;
      const ticker = setInterval(() => {
        ticks += 1;
      }, 5);
      const refused = compiler.compile(source);
      const next = compiler.compile(GOOD);
      const { problems } = await refused;
      const ticksMeanwhile = ticks;
      clearInterval(ticker);

      expect(problems).toEqual([
        {
          code: 'schema_too_complex',
          pointer: '',
          message: expect.stringContaining('longer than 400 ms'),
        },
      ]);
      // A blocked event loop would not tick once.
      expect(ticksMeanwhile).toBeGreaterThan(10);
      // What waited behind it goes to a new worker.
      expect((await next).value).toBeDefined();
    },
  );

  it('does not try a source again that went beyond the limits', async () => {
    start({ timeoutMs: 300 });
    await compiler.compile(GOOD);
    await compiler.compile(hostileVariants(700));

    const { problems } = await compiler.compile(hostileVariants(700));

    expect(problems).toEqual([
      {
        code: 'schema_too_complex',
        pointer: '',
        message: expect.stringContaining('before'),
      },
    ]);
  });

  it('refuses a source that takes too much memory, and goes on with another worker', async () => {
    start({ maxHeapMb: 24 });
    const samples = Array.from({ length: 1_000 }, (_, sample) =>
      Object.fromEntries(
        Array.from({ length: 300 }, (__, n) => [`s${sample}_${n}`, 1]),
      ),
    );

    const { problems } = await compiler.compile({
      kind: 'samples',
      name: 'push',
      samples,
    });

    expect(problems).toMatchObject([
      {
        code: 'schema_too_complex',
        message: expect.stringContaining('of memory'),
      },
    ]);
    expect((await compiler.compile(GOOD)).value).toBeDefined();
  });

  it.each<[string, () => SchemaSource]>([
    [
      'nested too deep',
      () => {
        let schema: unknown = 'string';
        for (let depth = 0; depth < 100_000; depth++) {
          schema = { type: 'array', items: schema };
        }
        return { kind: 'avro', schema };
      },
    ],
    [
      'that is too large',
      () => ({ kind: 'samples', name: 'p', samples: ['x'.repeat(9_000_000)] }),
    ],
    [
      'whose schema is too large',
      () => ({
        kind: 'avro',
        schema: {
          type: 'record',
          name: 'push',
          doc: 'x'.repeat(2_000_000),
          fields: [],
        },
      }),
    ],
  ])('refuses a source %s', async (_name, source) => {
    const { value, problems } = await start().compile(source());
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'schema_too_complex' }]);
  });

  it('lets through no schema whose validator a gateway could not compile', async () => {
    start();
    const verdicts: boolean[] = [];
    for (const fields of [300, 900, 2_000]) {
      const { value, problems } = await compiler.compile(flatRecord(fields));
      const isCompiled = value !== undefined && canCompile(value);
      const isRefused = problems.some(
        ({ code }) => code === 'schema_too_complex',
      );
      verdicts.push(isCompiled !== isRefused);
    }
    expect(verdicts).toEqual([true, true, true]);
    expect((await compiler.compile(flatRecord(300))).value).toBeDefined();
  });

  it('answers that it is busy when too many wait, and settles everything when stopped', async () => {
    start({ maxWaiting: 2 });
    await compiler.compile(GOOD);
    const pending = Array.from({ length: 3 }, () => compiler.compile(GOOD));
    const settled = Promise.allSettled(pending);

    await expect(compiler.compile(GOOD)).rejects.toThrow(
      SchemaCompilerBusyError,
    );
    await compiler.stop();
    expect((await settled).map(({ status }) => status)).toEqual(
      Array(3).fill('rejected'),
    );
    expect(logger.error).not.toHaveBeenCalled();
  });
});
