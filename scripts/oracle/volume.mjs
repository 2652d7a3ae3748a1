// The oracle for millions of events: compares the ids a client's journal says
// were accepted with those in the finished lake. Like main.mjs it shares no code
// with Millrace. Prints one JSON object; exits 1 when anything is wrong.
//
//   node scripts/oracle/volume.mjs --journal <ids> --lake <dir> --endpoint <name>
//
// The journal is text of 36 characters per accepted event, one UUID after the
// other. An id that is in it more than once was sent more than once.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asyncBufferFromFile, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { createIdTable } from './idTable.mjs';

const ID_LENGTH = 36;

const { values } = parseArgs({
  options: {
    journal: { type: 'string' },
    lake: { type: 'string' },
    endpoint: { type: 'string' },
  },
});

const journal = fs.readFileSync(values.journal, 'latin1');
const answered = journal.length / ID_LENGTH;
const ids = createIdTable(answered);
for (let at = 0; at < journal.length; at += ID_LENGTH) {
  ids.add(journal.slice(at, at + ID_LENGTH));
}

const problems = [];
const counts = { delivered: 0, unknown: 0, twice: 0 };
const books = { accepted: 0, delivered: 0, duplicates: 0, refused: 0 };
let partitions = 0;
const root = path.join(values.lake, values.endpoint);
for (const entry of fs.readdirSync(root, {
  recursive: true,
  withFileTypes: true,
})) {
  if (entry.name === 'manifest.json') await readPartition(entry.parentPath);
}

async function readPartition(dir) {
  partitions += 1;
  const manifest = JSON.parse(
    fs.readFileSync(path.join(dir, 'manifest.json'), 'utf8'),
  );
  for (const key of Object.keys(books)) books[key] += manifest.counts[key];
  for (const { name, rows, sha256 } of manifest.files) {
    const file = path.join(dir, name);
    const hash = createHash('sha256').update(fs.readFileSync(file));
    if (hash.digest('hex') !== sha256) {
      problems.push(`${file} is not the file that was sealed`);
    }
    let read = 0;
    await parquetRead({
      file: await asyncBufferFromFile(file),
      compressors,
      columns: ['_id'],
      onComplete: found => {
        read = found.length;
        for (const [id] of found) note(id);
      },
    });
    if (read !== rows) problems.push(`${file} has ${read} rows, not ${rows}`);
  }
}

function note(id) {
  counts.delivered += 1;
  const seen = ids.see(id);
  if (seen === undefined) counts.unknown += 1;
  else if (seen > 0) counts.twice += 1;
}

const lost = ids.unseen();
if (lost > 0) problems.push(`${lost} events were accepted and are not there`);
if (counts.unknown > 0) {
  problems.push(`${counts.unknown} rows have an id that was not accepted`);
}
if (counts.twice > 0) {
  problems.push(`${counts.twice} rows are of an event that is there already`);
}
if (books.accepted !== answered) {
  problems.push(`${answered} were accepted, the books say ${books.accepted}`);
}
if (books.accepted !== books.delivered + books.duplicates + books.refused) {
  problems.push('The books do not close');
}
process.stdout.write(
  `${JSON.stringify({
    accepted: answered,
    events: ids.size,
    duplicates: answered - ids.size,
    delivered: counts.delivered,
    removed: books.duplicates,
    partitions,
    lost,
    problems,
  })}\n`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
