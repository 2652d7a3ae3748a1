import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LintFlags } from './options';
import type { LintProblem } from './problems';
import { runLint } from './runLint';

const run = promisify(execFile);

jest.setTimeout(60_000);

const ESTATE = path.resolve(__dirname, '../../../../examples/estate');

const GOOD = `apiVersion: millrace.io/v1alpha1
kind: EventType
metadata:
  name: shop.order_placed
  description: A customer placed an order
spec:
  owner: webhooks
  schema:
    type: record
    name: order_placed
    fields:
      - { name: id, type: long }
`;

const BAD = `# A comment
kind: Component
metadata: { name: other }
---
apiVersion: millrace.io/v1
kind: EventType
metadata:
  name: Shop Order
  tags: [ok, Not Ok]
spec:
  owner: component:default/shop
  teir: low
  schema:
    type: record
    name: order
    fields:
      - name: id
        type: text
`;

describe('millrace lint', () => {
  let folder: string;
  let printed: string[];
  let noted: string[];

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-lint-'));
    printed = [];
    noted = [];
  });
  afterEach(() => fs.rm(folder, { recursive: true }));

  const write = async (name: string, text: string) => {
    const file = path.join(folder, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, text);
    return file;
  };
  const lint = (files: string[], flags: LintFlags = {}) =>
    runLint(files, flags, {
      print: line => printed.push(line),
      note: line => noted.push(line),
    });
  const problemsOf = async (files: string[], flags: LintFlags = {}) => {
    printed = [];
    await lint(files, { ...flags, format: 'json' });
    const result: { problems: LintProblem[] } = JSON.parse(printed[0]);
    return result.problems;
  };
  const placesOf = async (files: string[], flags: LintFlags = {}) =>
    (await problemsOf(files, flags)).map(
      ({ line, column, severity, code }) =>
        `${line}:${column} ${severity} ${code}`,
    );

  it('has nothing against the declarations of the examples', async () => {
    expect(await lint([ESTATE])).toBe(0);
    expect(printed.at(-1)).toBe('✔ No errors; 2 declarations in 2 files');
  });

  it('names line and column of everything that is wrong, and passes over other kinds', async () => {
    const file = await write('bad.yaml', BAD);
    expect(await lint([file])).toBe(1);
    expect(await placesOf([file])).toEqual([
      '5:13 error unsupported_api_version',
      '8:9 error invalid_event_type_name',
      '11:10 error invalid_value',
      '9:14 error invalid_value',
      '12:3 warning unknown_property',
      '18:15 error unknown_reference',
    ]);
  });

  it('points at the nearest place around what is missing', async () => {
    const file = await write(
      'a.yaml',
      GOOD.replace(/ {2}description.*\n/, '').replace(
        '  owner: webhooks\n',
        '',
      ),
    );
    expect(await placesOf([file])).toEqual(['5:1 error missing_property']);
  });

  it('refuses fields about persons that nobody decided, in the form they are written', async () => {
    const file = await write(
      'a.yaml',
      `${GOOD}      - name: buyers
        type:
          - type: array
            items:
              type:
                type: record
                name: buyer
                fields:
                  - { name: email, type: [string, 'null'] }
                  - { name: message, type: string }
          - 'null'
`,
    );
    const problems = await problemsOf([file]);
    expect(problems).toMatchObject([
      {
        line: 21,
        column: 21,
        severity: 'error',
        code: 'undecided_personal_field',
        eventType: 'shop.order_placed',
        suggestion: { semanticType: 'email', confidence: 'certain' },
      },
      { line: 22, column: 21, severity: 'warning' },
    ]);
    expect(await lint([file])).toBe(1);
    expect(printed.join('\n')).toContain('→ semanticType: email');
  });

  it('finds what is declared twice, in one file or in two', async () => {
    await write('a.yaml', `${GOOD}---\n${GOOD}`);
    await write('b/c.yml', GOOD);
    expect(await placesOf([folder])).toEqual([
      '17:9 error duplicate_event_type',
      '4:9 error duplicate_event_type',
    ]);
  });

  describe('against an earlier state', () => {
    const NEXT = GOOD.replace('type: long', 'type: string').concat(
      '      - { name: email, type: string }\n',
    );

    it('in a file or folder, finds what is incompatible, and asks only about what is new', async () => {
      const before = await write('before/a.yaml', GOOD);
      const now = await write('now/a.yaml', NEXT);
      for (const against of [before, path.dirname(before)]) {
        expect(await placesOf([now], { against })).toEqual([
          '13:9 error undecided_personal_field',
          '12:9 error field_type_changed',
          '13:9 error required_field_added',
        ]);
      }
      const kept = await write(
        'before/b.yaml',
        GOOD.replace('order_placed', 'gone').concat(
          '      - { name: phone, type: string }\n',
        ),
      );
      const same = await write('now/b.yaml', await fs.readFile(kept, 'utf8'));
      expect(await placesOf([same], { against: kept })).toEqual([]);
    });

    it('at a commit of git, file by file', async () => {
      const git = (...args: string[]) =>
        run('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
          cwd: folder,
        });
      const file = await write('sub/a.yaml', GOOD);
      await write('sub/gone.yaml', GOOD.replace('order_placed', 'order_gone'));
      await git('init', '-q', '-b', 'main');
      await git('add', '.');
      await git('commit', '-qm', 'x');
      await write('sub/a.yaml', GOOD.replace('type: long', 'type: string'));
      await fs.rm(path.join(folder, 'sub/gone.yaml'));
      const added = await write(
        'new.yaml',
        GOOD.replace('order_placed', 'order_new'),
      );
      expect(await placesOf([file, added], { against: 'main' })).toEqual([
        '12:9 error field_type_changed',
      ]);
      expect(await lint([file], { against: 'no-such-branch' })).toBe(2);
      expect(await lint([file], { against: '--output=x' })).toBe(2);
      expect(noted.join()).toContain('neither a path nor a commit');
    });

    it('says what is declared no more, which is no error', async () => {
      await write('before/a.yaml', GOOD);
      await write('before/b.yaml', GOOD.replace('order_placed', 'gone'));
      const now = await write('now/a.yaml', GOOD);
      const against = path.join(folder, 'before');
      expect(await lint([now], { against })).toBe(0);
      expect(await problemsOf([now], { against })).toMatchObject([
        {
          severity: 'warning',
          code: 'declaration_removed',
          eventType: 'shop.gone',
        },
      ]);
    });
  });

  describe('formats', () => {
    it('json is one object with counts', async () => {
      await write('a.yaml', GOOD);
      expect(await lint([folder], { format: 'json' })).toBe(0);
      expect(printed).toHaveLength(1);
      expect(JSON.parse(printed[0])).toEqual({
        ok: true,
        files: 1,
        declarations: 1,
        errors: 0,
        warnings: 0,
        problems: [],
      });
    });

    it('github is one command a problem, and what files say begins none', async () => {
      const file = await write(
        'a,b:c%.yaml',
        GOOD.replace(
          'owner: webhooks',
          'owner: webhooks\n  "x\\n::error::y": 1',
        )
          .replace('id, type', 'email, type')
          .replace('long', 'string'),
      );
      expect(await lint([file], { format: 'github' })).toBe(1);
      const [warning, error] = printed;
      expect(warning).toMatch(
        /^::warning file=[^:,]*a%2Cb%3Ac%25\.yaml,line=8,col=3,title=unknown_property::There/,
      );
      expect(error).toMatch(
        /^::error file=[^:,]+,line=13,col=9,title=undecided_personal_field::Field 'email'/,
      );
      expect(printed.join('\n').split('\n')).toHaveLength(3);
    });

    it('human prints nothing that moves the cursor', async () => {
      const file = await write(
        'a.yaml',
        GOOD.replace('{ name: id,', '{ name: x, jsonName: "\\e[2Jemail",'),
      );
      await lint([file]);
      expect(printed.join('\n')).not.toContain('\u001b');
    });
  });

  describe('hostile YAML', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
      .concat(
        'bcdefghij'.split('').map((name, index) => {
          const before = `*${'abcdefghij'[index]}`;
          return `${name}: &${name} [${Array(9).fill(before).join(', ')}]`;
        }),
      )
      .join('\n');

    it.each<[string, string, string]>([
      ['aliases of aliases', bomb, 'yaml_refused'],
      [
        'few aliases that unfold far',
        bomb.split('\n').slice(0, 9).join('\n'),
        'yaml_refused',
      ],
      [
        'an alias of itself',
        GOOD.replace('type: long', 'type: &t { type: array, items: *t }'),
        'too_deep',
      ],
      ['a million brackets', `x: ${'['.repeat(1_000_000)}`, 'yaml_refused'],
      ['a million dashes', '- '.repeat(500_000), 'yaml_refused'],
      ['more than it may have', `# ${'x'.repeat(3_000_000)}`, 'yaml_refused'],
      ['a file of separators', '---\n'.repeat(100_000), 'yaml_refused'],
      ['no YAML', 'kind: [', 'invalid_yaml'],
      [
        'a key twice',
        GOOD.replace('spec:', 'kind: EventType\nspec:'),
        'duplicate_key',
      ],
    ])('of %s is refused', async (_what, text, code) => {
      const file = await write('a.yaml', text);
      const problems = await problemsOf([file]);
      expect([...new Set(problems.map(problem => problem.code))]).toEqual([
        code,
      ]);
      expect(await lint([file])).toBe(1);
    });

    it('with a hundred thousand keys is read in the time of its length', async () => {
      const keys = Array.from({ length: 100_000 }, (_, n) => `k${n}: 1\n`);
      const file = await write('a.yaml', `${keys.join('')}`);
      // Compared each with each, this would not end.
      expect(await lint([file])).toBe(2);
    });

    it('makes nothing of tags and of names that every object has', async () => {
      const file = await write(
        'a.yaml',
        `${GOOD}  __proto__: { polluted: true }\n  x: !!js/function 'process.exit()'\n  at: 2026-11-21\n`,
      );
      expect(await placesOf([file])).toEqual([
        '13:3 warning unknown_property',
        '14:3 warning unknown_property',
        '15:3 warning unknown_property',
      ]);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    });
  });

  it('ends with 2 when there is nothing it could lint', async () => {
    await write('group.yaml', 'kind: Group\n');
    expect(await lint([])).toBe(2);
    expect(await lint([path.join(folder, 'nowhere')])).toBe(2);
    expect(await lint([folder])).toBe(2);
    expect(await lint(['/dev/zero'])).toBe(2);
    expect(await lint([ESTATE], { format: 'xml' })).toBe(2);
    expect(printed).toEqual([]);
    expect(noted).toHaveLength(5);
  });
});
