import fs from 'node:fs/promises';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { CodegenFlags } from './options';
import { runCodegen } from './runCodegen';

const record = (...names: string[]) => ({
  type: 'record',
  name: 'event',
  fields: names.map(name => ({ name, type: 'string' })),
});

const ESTATE = path.resolve(__dirname, '../../../../examples/estate');

describe('millrace codegen', () => {
  let folder: string;
  let out: string;
  let printed: string[];

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-codegen-'));
    out = path.join(folder, 'generated', 'events.ts');
    printed = [];
  });
  afterEach(() => fs.rm(folder, { recursive: true }));

  const run = (flags: Partial<CodegenFlags>, env: NodeJS.ProcessEnv = {}) =>
    runCodegen({ out, ...flags }, env, line => printed.push(line));
  const generated = () => fs.readFile(out, 'utf8');
  const write = async (name: string, content: unknown) => {
    const file = path.join(folder, 'schemas', name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(
      file,
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    return { schemas: path.join(folder, 'schemas') };
  };

  it('writes types of the declarations that lie beside the code', async () => {
    expect(await run({ schemas: ESTATE })).toBe(0);
    expect(await generated()).toContain('export interface ShopOrderPlaced {');

    const { mtimeMs } = await fs.stat(out);
    expect(await run({ schemas: ESTATE })).toBe(0);
    expect(printed.at(-1)).toContain('up to date');
    expect((await fs.stat(out)).mtimeMs).toBe(mtimeMs);
  });

  it('reads Avro files by their names, and passes over what is none of its business', async () => {
    await write('a/shop.order_paid.avsc', record('id'));
    await write('notes.md', '# Notes');
    const flags = await write('group.yaml', 'kind: Group\n---\n');
    await run(flags);
    expect((await generated()).match(/^export .*$/gm)).toEqual([
      'export interface ShopOrderPaid {',
      'export const shopOrderPaid: EventTypeDescriptor<ShopOrderPaid> = {',
    ]);
  });

  it('takes only the event types that are asked for', async () => {
    for (const name of ['shop.order_paid', 'shop.order_sent', 'git.push']) {
      await write(`${name}.avsc`, record('id'));
    }
    const schemas = path.join(folder, 'schemas');
    await run({ schemas, types: 'shop.*_paid, git.push' });
    expect((await generated()).match(/^export interface \w+/gm)).toEqual([
      'export interface GitPush',
      'export interface ShopOrderPaid',
    ]);
    await expect(run({ schemas, types: 'shop.*,stop.*' })).rejects.toThrow(
      "No event type fits 'stop.*'",
    );
  });

  it('says with --check what changed, and writes nothing', async () => {
    const flags = await write('shop.order_paid.avsc', record('id'));
    expect(await run({ ...flags, check: true })).toBe(1);
    expect(printed[0]).toContain('shop.order_paid is new');
    await expect(generated()).rejects.toThrow('ENOENT');

    await run(flags);
    expect(await run({ ...flags, check: true })).toBe(0);
    const before = await generated();
    await write('shop.order_paid.avsc', record('id', 'total'));
    printed = [];
    expect(await run({ ...flags, check: true })).toBe(1);
    expect(printed[0]).toContain('shop.order_paid changed');
    expect(await generated()).toBe(before);
  });

  it.each<[string, string, unknown, string]>([
    ['YAML', 'a.yaml', 'kind: [', 'is not YAML'],
    ['JSON', 'shop.order.avsc', '{', 'is not JSON'],
    ['a schema', 'shop.order.avsc', { type: 'record' }, 'No types can be made'],
    ['an event type', 'Shop Order.avsc', record('a'), 'An event type name'],
  ])('names the file that is not %s', async (_what, name, content, message) => {
    const flags = await write(name, content);
    await expect(run(flags)).rejects.toThrow(message);
    await expect(run(flags)).rejects.toThrow(name);
  });

  it.each<[string, Partial<CodegenFlags>]>([
    ['no source', {}],
    ['two sources', { schemas: '.', from: 'http://127.0.0.1' }],
    ['an address that is none', { from: 'portal' }],
    ['a file as address', { from: 'file:///etc/passwd' }],
    ['a folder that is not there', { schemas: '/nowhere/at/all' }],
  ])('refuses %s', async (_what, flags) => {
    await expect(run(flags)).rejects.toMatchObject({
      name: 'UsageError',
      todo: expect.stringContaining('Give'),
    });
  });

  describe('with a portal', () => {
    let portal: Server;
    let answer: { status: number; body: unknown };

    beforeEach(async () => {
      answer = {
        status: 200,
        body: {
          items: [
            { name: 'shop.order_paid', version: 7, schema: record('id') },
          ],
        },
      };
      portal = createServer((request, response) => {
        const isRight =
          request.url === '/portal/api/event-types/event-types?schema=true' &&
          request.headers.authorization === 'Bearer secret-token';
        response.writeHead(isRight ? answer.status : 401);
        response.end(JSON.stringify(answer.body));
      });
      await new Promise<void>(resolve => {
        portal.listen(0, '127.0.0.1', resolve);
      });
    });
    afterEach(() => portal.close());

    const from = () =>
      `http://127.0.0.1:${(portal.address() as AddressInfo).port}/portal/`;

    it('generates what the portal has registered, versions included', async () => {
      await run({ from: from() }, { MILLRACE_TOKEN: 'secret-token' });
      expect(await generated()).toContain(
        'Event type `shop.order_paid`, version 7.',
      );
      expect(await generated()).toContain('  version: 7,');

      answer.body = {
        items: [{ name: 'shop.order_paid', version: 8, schema: record('b') }],
      };
      const flags = { from: from(), token: 'secret-token', check: true };
      expect(await run(flags)).toBe(1);
      expect(printed).toContain(
        '  shop.order_paid changed from version 7 to 8',
      );
    });

    it('says what to do when the portal does not let it, or is not one', async () => {
      await expect(run({ from: from(), token: 'other' })).rejects.toMatchObject(
        { todo: expect.stringContaining('MILLRACE_TOKEN') },
      );
      const flags = { from: from(), token: 'secret-token' };
      for (const body of [null, [], { items: 'none' }]) {
        answer.body = body;
        await expect(run(flags)).rejects.toMatchObject({
          code: 'codegen_failed',
          message: expect.not.stringContaining('secret-token'),
        });
      }
      answer.body = { items: [{ name: '../x', schema: record('a') }] };
      await expect(run(flags)).rejects.toThrow('No types can be made');
      portal.close();
      portal.closeAllConnections();
      await expect(run(flags)).rejects.toMatchObject({
        code: 'codegen_failed',
        message: expect.stringContaining('cannot be reached'),
      });
    });
  });
});
