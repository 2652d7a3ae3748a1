import type {
  WriteKeyKind,
  WriteKeyRequest,
} from '@millrace/plugin-delivery-common';

const DAY_MS = 24 * 60 * 60 * 1000;
const PRODUCER = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;

/** How long keys may be made to live; `never` leaves the end open. */
export const LIFETIMES = [
  { id: 'never', label: 'does not expire by itself' },
  { id: '7', label: '7 days' },
  { id: '30', label: '30 days' },
  { id: '90', label: '90 days' },
  { id: '365', label: '1 year' },
] as const;

export type LifetimeId = (typeof LIFETIMES)[number]['id'];

/** Narrows what a select field gives. */
export function isLifetimeId(value: unknown): value is LifetimeId {
  return LIFETIMES.some(({ id }) => id === value);
}

/** When a key of this lifetime ends; `undefined` for never. */
export function endOf(lifetime: LifetimeId, now: Date): string | undefined {
  return lifetime === 'never'
    ? undefined
    : new Date(now.getTime() + Number(lifetime) * DAY_MS).toISOString();
}

/** A key as it is being filled in. */
export interface KeyDraft {
  name: string;
  producer: string;
  kind: WriteKeyKind;
  eventTypes: string[];
  /** Of every event type, also those to come: the platform team only. */
  isForAll: boolean;
  lifetime: LifetimeId;
}

export function newKeyDraft(eventType?: string): KeyDraft {
  return {
    name: '',
    producer: '',
    kind: 'server',
    eventTypes: eventType ? [eventType] : [],
    isForAll: false,
    lifetime: 'never',
  };
}

/** What is still to be filled in, by field. Empty when it can be created. */
export function draftProblems(draft: KeyDraft): {
  name?: string;
  producer?: string;
  eventTypes?: string;
} {
  const { name, producer, eventTypes, isForAll, kind } = draft;
  return {
    ...(!name.trim() && { name: 'Say what the key is for.' }),
    ...(!PRODUCER.test(producer) && {
      producer:
        'Up to 100 letters, digits and . _ - : /, beginning with a letter or digit.',
    }),
    ...(eventTypes.length === 0 &&
      (!isForAll || kind === 'browser') && {
        eventTypes: 'Choose at least one event type.',
      }),
  };
}

/** The request a complete draft stands for. */
export function toRequest(draft: KeyDraft, now: Date): WriteKeyRequest {
  const { name, producer, kind, eventTypes, isForAll, lifetime } = draft;
  const expiresAt = endOf(lifetime, now);
  return {
    name: name.trim(),
    producer,
    kind,
    ...(!(isForAll && kind === 'server') && { eventTypes }),
    ...(expiresAt && { expiresAt }),
  };
}
