import type { JsonObject, JsonValue } from '@backstage/types';
import type { Tier } from '@millrace/plugin-event-types-common';
import type { DeliveryFacts } from '../deliveryFacts';
import { type Finding, below, finding } from '../findings';
import { objectsIn } from '../json';

/** What becomes of a line of a contract's service levels. */
export interface ServiceLevelStatus {
  /** RFC 6901 pointer into the contract. */
  pointer: string;
  property: string;
  value: JsonValue;
  unit?: string;
  /**
   * `measured`: Millrace measures it for every partition, against an objective
   * that is at least as strict. `differs`: it measures it against another one.
   * `declared only`: nobody measures it here.
   */
  status: 'measured' | 'differs' | 'declared only';
  why: string;
}

/** The names that properties go by; the short ones are the standard's. */
const ALIASES: { readonly [name: string]: string } = {
  ly: 'latency',
  freshness: 'latency',
  fy: 'frequency',
};

const SECONDS_PER_DAY = 86_400;

const UNIT_SECONDS: { readonly [unit: string]: number } = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  hours: 3600,
  d: SECONDS_PER_DAY,
  day: SECONDS_PER_DAY,
  days: SECONDS_PER_DAY,
};

/** Days, hours, minutes and seconds of an ISO 8601 duration. */
const ISO_DURATION =
  /^P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$/;

/** `09:00`, `09:00:30Z`, `09:00-08:00`. */
const TIME_OF_DAY =
  /^([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(Z|[+-]\d\d:\d\d)?$/;

/** The service levels of an event type. */
export function writeServiceLevels(
  facts: DeliveryFacts,
  eventType: { name: string; tier: Tier },
): JsonObject[] {
  const { bucketSeconds, latenessObjectivesMs } = facts;
  const { name, tier } = eventType;
  const lateness = latenessObjectivesMs[tier] / 1000;
  return [
    {
      property: 'frequency',
      ...inUnits(bucketSeconds),
      element: name,
      description: `A partition holds the events received in ${inWords(
        bucketSeconds,
      )}. Measured by Millrace`,
    },
    {
      property: 'latency',
      ...inUnits(lateness),
      element: name,
      description: `From the end of a partition's time until it is sealed, the objective of tier ${tier}. Measured by Millrace`,
    },
  ];
}

/** Which lines Millrace measures, and which are only declared. */
export function judgeServiceLevels(
  lines: JsonValue | undefined,
  facts: DeliveryFacts,
  tier: Tier,
): ServiceLevelStatus[] {
  return objectsIn(lines).map(({ index, object }) => {
    const { property, value = null, unit } = object;
    const name = typeof property === 'string' ? property : '';
    return {
      pointer: below('/slaProperties', index),
      property: name,
      value,
      ...(typeof unit === 'string' && { unit }),
      ...judge(name, value, unit, facts, tier),
    };
  });
}

/** What the lines promise that Millrace's objectives do not. */
export function findingsOf(statuses: readonly ServiceLevelStatus[]): Finding[] {
  return statuses
    .filter(({ status }) => status === 'differs')
    .map(({ pointer, why }) => finding('service_level_differs', pointer, why));
}

function judge(
  property: string,
  value: JsonValue,
  unit: JsonValue | undefined,
  facts: DeliveryFacts,
  tier: Tier,
): Pick<ServiceLevelStatus, 'status' | 'why'> {
  const name = Object.hasOwn(ALIASES, property) ? ALIASES[property] : property;
  const lateness = facts.latenessObjectivesMs[tier] / 1000;
  switch (name) {
    case 'frequency': {
      const seconds = secondsOf(value, unit);
      if (seconds === undefined) {
        break;
      }
      return seconds >= facts.bucketSeconds
        ? measured(
            `A partition is sealed for every ${inWords(facts.bucketSeconds)}`,
          )
        : differs(
            `Partitions hold ${inWords(
              facts.bucketSeconds,
            )}, which is less often than ${inWords(seconds)}`,
          );
    }
    case 'latency': {
      const seconds = secondsOf(value, unit);
      if (seconds === undefined) {
        break;
      }
      return seconds >= lateness
        ? measured(
            `The lateness of every partition is measured; the objective of tier ${tier} is ${inWords(
              lateness,
            )}`,
          )
        : differs(
            `The objective of tier ${tier} is ${inWords(
              lateness,
            )}, which is later than ${inWords(seconds)}; another tier may fit`,
          );
    }
    case 'timeOfAvailability': {
      const seconds = timeOfDaySeconds(value);
      if (seconds === undefined) {
        break;
      }
      // The last partition of a UTC day ends at midnight.
      return seconds >= lateness
        ? measured(
            `The last partition of a UTC day is sealed within ${inWords(
              lateness,
            )} of midnight when its lateness is met`,
          )
        : differs(
            `The last partition of a UTC day is due ${inWords(
              lateness,
            )} after midnight, the objective of tier ${tier}`,
          );
    }
    default:
      return { status: 'declared only', why: 'Millrace does not measure it' };
  }
  return {
    status: 'declared only',
    why: 'Its value and unit cannot be read as a time',
  };
}

function measured(why: string) {
  return { status: 'measured', why } as const;
}

function differs(why: string) {
  return { status: 'differs', why } as const;
}

/** A number with a unit, or an ISO 8601 duration. */
function secondsOf(
  value: JsonValue,
  unit: JsonValue | undefined,
): number | undefined {
  if (typeof value === 'string') {
    const match = value.length > 1 ? ISO_DURATION.exec(value) : null;
    if (match) {
      const [days, hours, minutes, seconds] = match
        .slice(1)
        .map(part => Number(part ?? 0));
      return days * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds;
    }
  }
  const number =
    typeof value === 'string' && /^\d{1,9}$/.test(value)
      ? Number(value)
      : value;
  const key = typeof unit === 'string' ? unit.toLocaleLowerCase('en-US') : '';
  return typeof number === 'number' && Object.hasOwn(UNIT_SECONDS, key)
    ? number * UNIT_SECONDS[key]
    : undefined;
}

/** In UTC, from midnight on. */
function timeOfDaySeconds(value: JsonValue): number | undefined {
  const match = typeof value === 'string' ? TIME_OF_DAY.exec(value) : null;
  if (!match) {
    return undefined;
  }
  const [, hours, minutes, zone = 'Z'] = match;
  const offset =
    zone === 'Z'
      ? 0
      : (zone.startsWith('-') ? -1 : 1) *
        (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4, 6)) * 60);
  const seconds = Number(hours) * 3600 + Number(minutes) * 60 - offset;
  return (seconds + SECONDS_PER_DAY) % SECONDS_PER_DAY;
}

function inUnits(seconds: number): { value: number; unit: string } {
  if (seconds % 3600 === 0) {
    return { value: seconds / 3600, unit: 'h' };
  }
  return seconds % 60 === 0
    ? { value: seconds / 60, unit: 'min' }
    : { value: seconds, unit: 's' };
}

function inWords(seconds: number): string {
  const { value, unit } = inUnits(seconds);
  return `${value} ${unit}`;
}
