import net, { AddressInfo } from 'node:net';
import os from 'node:os';
import { once } from 'node:events';
import { requireFreePorts } from './ports';

describe('requireFreePorts', () => {
  const hasIpv6 = Object.values(os.networkInterfaces())
    .flat()
    .some(address => address?.address === '::1');

  it('sees a program that listens on the other meaning of localhost', async () => {
    // A machine may have no IPv6 at all, and then only one meaning.
    const host = hasIpv6 ? '::1' : '127.0.0.1';
    const other = net.createServer().listen(0, host);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      await expect(requireFreePorts({ portal: port })).rejects.toMatchObject({
        code: 'port_taken',
      });
    } finally {
      other.close();
    }
  });

  it('names the taken port, what it was for and another choice', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const ports = { portal: 0, gateway: 0, broker: 0, database: 0 };
    try {
      await expect(
        requireFreePorts({ ...ports, gateway: port }),
      ).rejects.toMatchObject({
        code: 'port_taken',
        message: expect.stringContaining(`Port ${port} (gateway)`),
        todo: expect.stringContaining('--port'),
      });
      await expect(requireFreePorts(ports)).resolves.toBeUndefined();
    } finally {
      other.close();
    }
  });
});
