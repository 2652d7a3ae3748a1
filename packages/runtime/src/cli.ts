import { Command } from 'commander';
import { runCodegen } from './codegen';
import { runLint } from './lint';
import { runBroker } from './roles/broker';
import { runDatabase } from './roles/database';
import { runGateway } from './roles/gateway';
import { runLedgerRestored } from './roles/ledgerRestored';
import { nodeFlags } from './roles/nodeFlags';
import { runWorker } from './roles/worker';
import { UsageError } from './errors';
import { runTestDatabase } from './up/testDatabase';
import { parseUpOptions } from './up/options';
import { runSmoke } from './smoke/runSmoke';
import { runUp } from './up/runUp';
import { runVerify } from './verify';

/**
 * The `millrace` command. `up` is what a person types (through `npm start`);
 * the roles are started by the portal's backend in embedded mode, or by a
 * container platform, and take their settings from the environment only.
 */
export function main(argv: string[] = process.argv): void {
  const program = new Command('millrace');

  program
    .command('up')
    .description('start the database, the portal and the data plane')
    .option('--port <n>', 'port of the portal', '7007')
    .option('--data-dir <dir>', 'where all state lies', '.millrace')
    .option('--bucket <duration>', 'length of a partition, such as PT1H')
    .option('--config <file...>', 'more settings, over app-config.yaml')
    .option('--no-demo', 'start without the demo events')
    .option('--reset', 'delete the data directory first')
    .option('--smoke', 'run the demo until 20 event types are sealed and check')
    .action(async flags => {
      const options = await parseUpOptions(flags);
      process.exitCode = options.smoke
        ? await runSmoke(options)
        : await runUp(options);
      process.exit();
    });

  program
    .command('codegen')
    .description('write TypeScript types for event types')
    .option('--from <url>', 'take the event types of this portal')
    .option('--token <token>', 'for the portal; or set MILLRACE_TOKEN')
    .option('--schemas <folder>', 'take the event types declared in a folder')
    .option('--types <names>', 'only these, such as shop.order_paid,github.*')
    .option('--check', 'write nothing; exit with 1 when the file is stale')
    .requiredOption('--out <file>', 'the file to write')
    .action(async flags => {
      process.exitCode = await runCodegen(flags, process.env);
    });

  program
    .command('lint')
    .description('check declarations of event types in YAML, without a portal')
    .argument('[files...]', 'YAML files, and folders that hold some')
    .option('--against <state>', 'compare with a file, folder or git commit')
    .option('--format <format>', 'human, json or github', 'human')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (files, flags) => {
      process.exitCode = await runLint(files, flags);
    });

  program
    .command('verify')
    .description('audit a lake, or a copy of it, without changing anything')
    .argument('[folder]', 'folder of the lake')
    .option('--ledger', 'compare with the ledger at MILLRACE_LEDGER_URL too')
    .option('--types <names>', 'only these event types, separated by commas')
    .option('--json', 'print the result as one JSON object')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (folder, flags) => {
      process.exitCode = await runVerify(folder, flags, process.env);
    });

  program
    .command('database')
    .description('the embedded Postgres')
    .action(() => runDatabase(process.env));
  program
    .command('test-database <dir> <port>')
    .description('a Postgres for tests: fast, and not safe from a power cut')
    .action(runTestDatabase);
  program
    .command('broker')
    .description('the local broker')
    .action(() => runBroker(process.env));
  program
    .command('gateway')
    .description('the ingestion gateway')
    .action(() => runGateway(process.env));
  program
    .command('node-flags')
    .description('print the options of Node that roles run best with')
    .action(() => {
      process.stdout.write(`${nodeFlags().join(' ')}\n`);
    });
  program
    .command('ledger-restored')
    .description('say that the ledger was restored from a backup')
    .action(() => runLedgerRestored(process.env));
  program
    .command('worker')
    .description('the delivery worker')
    .action(() => runWorker(process.env));

  program.parseAsync(argv).catch(error => {
    process.stderr.write(
      error instanceof UsageError
        ? `\n✖ ${error.message}\n  Do:   ${error.todo}\n`
        : `${error.stack ?? error}\n`,
    );
    process.exit(1);
  });
}
