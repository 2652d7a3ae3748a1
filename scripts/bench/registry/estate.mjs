import { createRandom } from '../load/schedule.mjs';

/**
 * Event types as a large company has them: names in three parts, some dozens of
 * owners, schemas of 8 to 40 fields with nested records, lists, maps, enums and
 * optional fields, and versions that each add a little to the one before.
 *
 * Equal seeds give equal estates. No field looks as if it were about a person
 * without saying that it is not, so all of it can be registered.
 */

const DOMAINS =
  'shop cart billing stock shipping search catalogue pricing fraud support media ads mobile web index ledger loyalty returns supply facility'.split(
    ' ',
  );
const SUBJECTS =
  'order item basket invoice parcel query listing offer case ticket clip banner screen page document posting reward refund batch shelf'.split(
    ' ',
  );
const VERBS =
  'placed changed removed viewed approved declined started finished failed expired'.split(
    ' ',
  );
const WORDS =
  'amount count kind status reason channel region currency category level score weight height width depth volume priority quantity discount margin rate source target origin batch sequence revision shelf slot lane zone carrier route stage outcome variant template segment campaign placement format codec bitrate duration offset size checksum build release feature flag'.split(
    ' ',
  );
const TIERS = ['critical', 'normal', 'normal', 'normal', 'low'];

export const OWNERS = 40;
export const MAX_TYPES = DOMAINS.length * SUBJECTS.length * VERBS.length;

/** @param {number} index 0 to `OWNERS` − 1 */
export const ownerOf = index => `team-${String(index).padStart(2, '0')}`;

/**
 * @param {{ types: number, versions: number, seed?: number }} options
 * @returns {Generator<{ name: string, description: string, owner: string,
 *   tier: string, schemas: object[] }>} `schemas`: Avro records, the first
 *   version first, each backward compatible with all before it
 */
export function* createEstate({ types, versions, seed = 1 }) {
  for (let index = 0; index < types; index++) {
    const random = createRandom(seed * 1_000_003 + index);
    const name = nameOf(index);
    yield {
      name,
      description: `Sent when the ${name.replaceAll(
        /[._]/g,
        ' ',
      )}; one event is one of them.`,
      owner: `group:default/${ownerOf(index % OWNERS)}`,
      tier: TIERS[index % TIERS.length],
      schemas: createVersions(name, versions, random),
    };
  }
}

/** Different for every index, also without `.` and `_`. */
export function nameOf(index) {
  const domain = DOMAINS[index % DOMAINS.length];
  const subject =
    SUBJECTS[Math.floor(index / DOMAINS.length) % SUBJECTS.length];
  const verb = VERBS[Math.floor(index / DOMAINS.length / SUBJECTS.length)];
  return `${domain}.${subject}_${verb}`;
}

function createVersions(name, versions, random) {
  const wanted = 8 + Math.floor(random() * 33);
  const first = Math.max(2, wanted - (versions - 1));
  const names = createNames(random);
  const fields = Array.from({ length: first }, () =>
    createField(names.next().value, random, { isOptional: random() < 0.4 }),
  );
  const schemas = [recordOf(name, fields)];
  while (schemas.length < versions) {
    fields.push(createField(names.next().value, random, { isOptional: true }));
    schemas.push(recordOf(name, fields));
  }
  return schemas;
}

function recordOf(name, fields) {
  return {
    type: 'record',
    name: name.split('.').at(-1),
    namespace: `com.example.${name.split('.')[0]}`,
    // A copy: later versions go on adding.
    fields: [...fields],
  };
}

/** Names without end, none of them twice. */
function* createNames(random) {
  const used = new Set();
  for (;;) {
    const word = () => WORDS[Math.floor(random() * WORDS.length)];
    const name = `${word()}_${word()}`;
    if (!used.has(name)) {
      used.add(name);
      yield name;
    }
  }
}

/** @param {string} [place] where it is, by the names of the fields around it */
function createField(name, random, { isOptional, depth = 0, place = '' }) {
  const type = createType(`${place}${name}`, random, depth);
  return {
    name,
    ...(random() < 0.5 && {
      doc: `The ${name.replaceAll(
        '_',
        ' ',
      )} as the sender knew it at that time.`,
    }),
    semanticType: 'none',
    type: isOptional ? ['null', type] : type,
  };
}

/** @param {string} place no other definition of the schema is called after it */
function createType(place, random, depth) {
  const draw = random();
  if (draw < 0.3) return 'string';
  if (draw < 0.5) return 'long';
  if (draw < 0.6) return 'double';
  if (draw < 0.68) return 'boolean';
  if (draw < 0.74) return { type: 'long', logicalType: 'timestamp-micros' };
  if (draw < 0.78) return { type: 'string', logicalType: 'uuid' };
  if (draw < 0.86) {
    return {
      type: 'enum',
      name: `${place}_value`,
      symbols: symbolsOf(random),
    };
  }
  if (depth >= 2) return 'int';
  if (draw < 0.91) {
    const isPlain = random() < 0.5;
    return {
      type: 'array',
      items: isPlain ? 'string' : innerRecord(place, random, depth),
    };
  }
  if (draw < 0.94) return { type: 'map', values: 'string' };
  return innerRecord(place, random, depth);
}

function innerRecord(place, random, depth) {
  const names = createNames(random);
  return {
    type: 'record',
    name: `${place}_part`,
    fields: Array.from({ length: 2 + Math.floor(random() * 4) }, () =>
      createField(names.next().value, random, {
        isOptional: random() < 0.5,
        depth: depth + 1,
        place: `${place}_`,
      }),
    ),
  };
}

function symbolsOf(random) {
  return Array.from(
    { length: 2 + Math.floor(random() * 6) },
    (_, at) => `OPTION_${at}`,
  );
}

/**
 * A schema that may follow a version, different with every number.
 *
 * @param {object} newest an Avro record
 */
export function compatibleNext(newest, number) {
  const added = {
    name: `added_${number}`,
    semanticType: 'none',
    type: ['null', 'string'],
  };
  return { ...newest, fields: [...newest.fields, added] };
}

/** One that may not: a field is gone, another has to be there from now on. */
export function breakingNext(newest, number) {
  const [, ...kept] = newest.fields;
  const demanded = {
    name: `demanded_${number}`,
    semanticType: 'none',
    type: 'string',
  };
  return { ...newest, fields: [...kept, demanded] };
}
