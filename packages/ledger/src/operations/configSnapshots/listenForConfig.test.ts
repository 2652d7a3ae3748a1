import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { Knex } from 'knex';
import { ConfigListener, listenForConfig, publishConfigSnapshot } from '..';
import { useLedger } from '../../__testUtils__/ledger';
import { createLedgerClient } from '../../database/createLedgerClient';

jest.setTimeout(30_000);

/** A line to Postgres that can be cut, or go dead without a word. */
class Line {
  private readonly sockets = new Set<Socket>();
  private isDead = false;
  private server: Server | undefined;

  async open(target: { host: string; port: number }): Promise<number> {
    this.server = createServer(client => {
      const upstream = connect(target.port, target.host);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ]) {
        this.sockets.add(from);
        from.on('data', data => !this.isDead && to.write(data));
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    });
    await new Promise<void>(resolve => {
      this.server?.listen(0, '127.0.0.1', resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  goDead() {
    this.isDead = true;
  }

  comeBack() {
    this.isDead = false;
  }

  cut() {
    this.sockets.forEach(socket => socket.destroy());
  }

  close() {
    this.cut();
    this.server?.close();
  }
}

describe('listenForConfig', () => {
  const ledger = useLedger();
  let line: Line;
  let client: Knex;
  let listener: ConfigListener;
  let hints: number;

  beforeEach(async () => {
    line = new Line();
    const { host, port, user, password, database } =
      ledger().client.connectionSettings;
    const linePort = await line.open({ host, port: Number(port) });
    client = createLedgerClient({
      connectionString: `postgresql://${user}:${password}@127.0.0.1:${linePort}/${database}`,
    });
    hints = 0;
    listener = listenForConfig(client, {
      onChange: () => {
        hints += 1;
      },
      pingMs: 50,
      timeoutMs: 200,
      random: () => 0,
    });
    await until(() => listener.isListening());
  });
  afterEach(async () => {
    await listener.stop();
    await client.destroy();
    line.close();
  });

  const publish = (bucketSeconds: number) =>
    publishConfigSnapshot(ledger(), { bucketSeconds, eventTypes: [] });

  it('tells of each new generation, and of nothing when there is none', async () => {
    expect(hints).toBe(1);
    await publish(60);
    await until(() => hints === 2);
    await publish(60);
    await publish(3600);
    await until(() => hints === 3);
  });

  it('ends also when it is stopped while its connection opens', async () => {
    const opening = listenForConfig(client, { onChange: () => {} });
    await opening.stop();
    expect(opening.isListening()).toBe(false);
  });

  it('hears nothing of a transaction that is rolled back', async () => {
    await expect(
      ledger().transaction(async tx => {
        await publishConfigSnapshot(tx, { bucketSeconds: 60, eventTypes: [] });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await publish(3600);
    await until(() => hints >= 2);
    expect(hints).toBe(2);
  });

  it('connects again when the line is cut, and asks to look what was missed', async () => {
    line.cut();
    await until(() => !listener.isListening());
    await until(() => listener.isListening());
    expect(hints).toBe(2);
    await publish(60);
    await until(() => hints === 3);
  });

  it('notices a line that went dead without a word', async () => {
    line.goDead();
    await until(() => !listener.isListening());
    line.comeBack();
    line.cut();
    await until(() => listener.isListening());
    await publish(60);
    await until(() => hints >= 3);
    expect(listener.isListening()).toBe(true);
  });

  it('stops also while the line is dead', async () => {
    line.goDead();
    await listener.stop();
    expect(listener.isListening()).toBe(false);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
