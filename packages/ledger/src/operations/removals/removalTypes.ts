/**
 * The steps of taking down an event type, in their order.
 *
 * - `gateways`: no gateway can run a config that has it any more.
 * - `draining`: nothing is left on its subscriptions.
 * - `sealing`: everything that was staged of it is in sealed partitions.
 * - `resources`: its topics and subscriptions are deleted.
 * - `archiving`: the registry has put it away; nothing is left to do.
 *
 * @public
 */
export type RemovalStep =
  | 'gateways'
  | 'draining'
  | 'sealing'
  | 'resources'
  | 'archiving';

/** Every {@link RemovalStep}, in order. @public */
export const REMOVAL_STEPS: readonly RemovalStep[] = [
  'gateways',
  'draining',
  'sealing',
  'resources',
  'archiving',
];

/** How far taking down an event type has come. @public */
export interface RemovalRecord {
  eventType: string;
  requestedBy: string;
  reason: string;
  beganAt: Date;
  /** The first config snapshot known not to have it. */
  generation?: number;
  /** When each step was finished. */
  finished: Partial<Record<RemovalStep, Date>>;
  waiting?: { code: string; message: string; since: Date };
}

interface RemovalRow {
  eventType: string;
  requestedBy: string;
  reason: string;
  beganAt: Date;
  generation: number | null;
  gateways: Date | null;
  draining: Date | null;
  sealing: Date | null;
  resources: Date | null;
  archiving: Date | null;
  waitingCode: string | null;
  waitingMessage: string | null;
  waitingSince: Date | null;
}

/** The select list of {@link toRemoval}, of a table called `r`. */
export const REMOVAL_COLUMNS = `
  r.event_type AS "eventType", r.requested_by AS "requestedBy", r.reason,
  r.began_at AS "beganAt", r.generation, r.gateways_at AS gateways,
  r.draining_at AS draining, r.sealing_at AS sealing,
  r.resources_at AS resources, r.archiving_at AS archiving,
  r.waiting_code AS "waitingCode", r.waiting_message AS "waitingMessage",
  r.waiting_since AS "waitingSince"`;

export type { RemovalRow };

export function toRemoval(row: RemovalRow): RemovalRecord {
  const { waitingCode, waitingMessage, waitingSince } = row;
  const finished: Partial<Record<RemovalStep, Date>> = {};
  for (const step of REMOVAL_STEPS) {
    const at = row[step];
    if (at) {
      finished[step] = at;
    }
  }
  return {
    eventType: row.eventType,
    requestedBy: row.requestedBy,
    reason: row.reason,
    beganAt: row.beganAt,
    generation: row.generation ?? undefined,
    finished,
    waiting:
      waitingCode !== null && waitingMessage !== null && waitingSince !== null
        ? { code: waitingCode, message: waitingMessage, since: waitingSince }
        : undefined,
  };
}
