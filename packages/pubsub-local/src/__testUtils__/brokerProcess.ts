import { startBroker } from '..';

/**
 * A broker as a process of its own, for tests that kill it: takes the data
 * directory and the port, and prints one line of JSON when it runs or fails.
 */
function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const [dataDir, port] = process.argv.slice(2);

startBroker({
  dataDir,
  port: Number(port),
  logger: { info: () => {}, warn: () => {}, error: () => {} },
  onFatal: error => {
    print({ fatal: error.code, message: error.message });
    process.exit(1);
  },
}).then(
  broker => print({ port: broker.port }),
  error => {
    print({ failed: error.code, message: error.message });
    process.exit(2);
  },
);
