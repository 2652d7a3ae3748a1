import type {
  RolloutChange,
  SnapshotChanges,
  SnapshotLine,
} from '@millrace/ledger';

/** Who asked for the present state of an event type, and when. */
export interface Attribution {
  actor: string;
  at: Date;
}

/**
 * What a generation changed, in words, each with who had asked for it.
 *
 * Somebody is named only for a change that was there when the generation was
 * published: a later one of the same event type has another author.
 */
export function describeChanges(
  changes: SnapshotChanges,
  attributions: ReadonlyMap<string, Attribution>,
): RolloutChange[] {
  const { publishedAt, bucketSeconds } = changes;
  const actorOf = (eventType: string) => {
    const known = attributions.get(eventType);
    return known && known.at <= publishedAt ? known.actor : undefined;
  };
  return [
    ...(bucketSeconds
      ? [
          {
            what: `Partitions are ${bucketSeconds.after} s long, before ${bucketSeconds.before} s`,
          },
        ]
      : []),
    ...changes.changedTypes.map(({ eventType, before, after }) => ({
      eventType,
      what: describeType(before, after),
      actor: actorOf(eventType),
    })),
    ...changes.addedKeys.map(({ keyId, name, createdBy }) => ({
      what: `Write key ${name ?? keyId} was added`,
      actor: createdBy,
    })),
    ...changes.endedKeys.map(({ keyId, name }) => ({
      what: `Write key ${name ?? keyId} ended`,
    })),
    ...changes.changedKeys.map(({ keyId, name }) => ({
      what: `Write key ${name ?? keyId} changed`,
    })),
  ];
}

function describeType(
  before: SnapshotLine | undefined,
  after: SnapshotLine | undefined,
): string {
  if (!after) {
    return 'Is not accepted any more';
  }
  if (!before) {
    return `Is accepted, at version ${after.version}`;
  }
  const said: string[] = [];
  if (before.version !== after.version) {
    said.push(`version ${after.version}, before ${before.version}`);
  }
  if (before.tier !== after.tier) {
    said.push(`tier ${after.tier}, before ${before.tier}`);
  }
  said.push(...describeDeprecation(before, after));
  if (before.refusedTopic !== after.refusedTopic) {
    said.push(
      after.refusedTopic === `refused.${after.name}`
        ? 'refused events have a topic of their own again'
        : 'refused events go to the general topic',
    );
  }
  // The schema itself is not among what is compared here.
  return capitalized(said.length > 0 ? said.join('; ') : 'schema or routing');
}

function describeDeprecation(
  { deprecation: before }: SnapshotLine,
  { deprecation: after }: SnapshotLine,
): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) {
    return [];
  }
  if (!after) {
    return ['not deprecated any more'];
  }
  const until = after.endsOn ? `, to be sent until ${after.endsOn}` : '';
  return [before ? `deprecation changed${until}` : `deprecated${until}`];
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase('en-US') + text.slice(1);
}
