// The oracle: compares a client's journal with the finished lake and the list
// of refused events. It shares no code with Millrace, so it cannot repeat a
// mistake of Millrace. Prints one JSON object; exits 1 when anything is wrong.
//
//   node scripts/oracle/main.mjs --journal <ndjson> --lake <dir> --refused <json>
import fs from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compare } from './compare.mjs';
import { readLake } from './lake.mjs';

const { values } = parseArgs({
  options: {
    journal: { type: 'string' },
    lake: { type: 'string' },
    refused: { type: 'string' },
  },
});

const journal = (await fs.readFile(values.journal, 'utf8'))
  .split('\n')
  .filter(Boolean)
  .map(line => JSON.parse(line));
const refused = JSON.parse(await fs.readFile(values.refused, 'utf8'));
const lake = await readLake(values.lake);
const verdict = compare(journal, lake.rows, refused);

const answeredAccepted = journal.filter(
  ({ outcome }) => outcome === 'accepted',
).length;
process.stdout.write(
  `${JSON.stringify({
    ...verdict,
    // Answers of acceptance beyond the first for one event: re-deliveries.
    duplicates: answeredAccepted - verdict.accepted,
    partitions: lake.partitions,
    problems: [...lake.problems, ...verdict.problems].slice(0, 100),
  })}\n`,
);
