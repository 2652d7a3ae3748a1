import net, { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { requireFreePorts } from './ports';

describe('requireFreePorts', () => {
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
