import { createHash, randomBytes } from 'node:crypto';
import type {
  Fix,
  NotReplayableReason,
} from '@millrace/plugin-delivery-common';
import { applyFix } from './applyFix';
import {
  isJsonObject,
  type JsonNode,
  parseJsonTree,
  writeJsonTree,
} from './jsonTree';

/** A refused event as it is kept. */
export interface KeptEvent {
  event?: string;
  truncated: boolean;
}

/** What would be sent of it. */
export interface PreparedEvent {
  text: string;
  eventType?: string;
  eventId?: string;
  /** What sealing knows it by; missing without id and source. */
  eventKey?: string;
  isIdMinted: boolean;
  /** Whether the fix changed anything. */
  isChanged: boolean;
}

/**
 * Makes of a refused event what is sent in its place. What the fix does not
 * change, and has an id, is sent as the text it is, byte by byte.
 *
 * @param mintId - gives the id of an event that has none
 */
export function prepareEvent(
  { event, truncated }: KeptEvent,
  fix: Fix,
  mintId: () => string,
): PreparedEvent | { notReplayable: NotReplayableReason } {
  if (truncated) {
    return { notReplayable: 'truncated' };
  }
  const tree = event === undefined ? undefined : parseJsonTree(event);
  if (event === undefined || !isJsonObject(tree)) {
    return { notReplayable: 'unreadable' };
  }
  const isChanged = applyFix(tree, fix);
  const isIdMinted = tree.id === undefined || tree.id === null;
  if (isIdMinted) {
    tree.id = mintId();
  }
  const eventId = textOf(tree.id);
  const source = textOf(tree.source);
  return {
    text: isChanged || isIdMinted ? writeJsonTree(tree) : event.trim(),
    eventType: textOf(tree.type),
    eventId,
    eventKey:
      eventId === undefined || source === undefined
        ? undefined
        : eventKeyOf(source, eventId),
    isIdMinted,
    isChanged,
  };
}

/** md5 of source and id in UUID form, as sealing computes it. */
export function eventKeyOf(source: string, id: string): string {
  const hex = createHash('md5').update(`${source}\n${id}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** RFC 9562, section 5.7: a time in ms, then chance. */
export function mintUuidV7(now: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function textOf(node: JsonNode | undefined): string | undefined {
  return typeof node === 'string' ? node : undefined;
}
