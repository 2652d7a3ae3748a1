import { parseEventSchema } from '@millrace/schema';
import { compareVersions } from './compareWithVersions';

const recordOf = (...names: string[]) => ({
  type: 'record',
  name: 'event',
  fields: names.map(name => ({ name, type: ['null', 'string'] })),
});

describe('compareVersions', () => {
  const versions = Array.from({ length: 300 }, (_, at) => ({
    version: 300 - at,
    text: JSON.stringify(recordOf('id', `only_in_${300 - at}`)),
  }));

  it('lets the event loop go on between hundreds of versions', async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const next = parseEventSchema(recordOf('id'));
    const compared = await compareVersions(versions, next, { sliceMs: 0 });
    isDone = true;
    expect(compared.map(({ version }) => version)).toEqual(
      versions.map(({ version }) => version),
    );
    expect(compared.flatMap(({ differences }) => differences)).toHaveLength(
      300,
    );
    expect(turns).toBeGreaterThanOrEqual(300);
  });

  it('reads a version once, whatever it is compared with', async () => {
    const [one, other] = await Promise.all(
      ['a', 'b'].map(name =>
        compareVersions(versions, parseEventSchema(recordOf('id', name))),
      ),
    );
    one.forEach(({ schema }, at) => expect(other[at].schema).toBe(schema));
  });
});
