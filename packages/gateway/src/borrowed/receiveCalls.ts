import { uuidv7 } from 'uuidv7';
import { RequestError } from '../errors';
import { GatewayRequest, parseContentCoding, Reply } from '../http';
import { adapt } from './adapt';
import { authenticateByBody, authenticateByHead } from './authenticateBorrowed';
import { DEFAULT_PREFIX } from './eventTypeOf';
import { elementsOf, JsonPart, memberOf, parseJsonBody } from './jsonPart';
import { CallType, mapCall } from './mapCall';
import { settle } from './settle';
import { takeUnreadable } from './takeUnreadable';
import type { BorrowedDeps } from './types';

/**
 * Takes calls of the Segment and RudderStack clients: a batch, or one call
 * whose type the path names.
 *
 * Guarantees: the answer is 200 only when every call is durable, either as an
 * event or, with its reason, among the refused events. Refused calls never make
 * it an error: these clients take 207 for success, and drop the whole batch on
 * 400. When anything is not durable it is 503, and 429 when nothing was tried;
 * these clients then send the same ids again.
 *
 * @throws RequestError
 */
export async function receiveCalls(
  request: GatewayRequest,
  deps: BorrowedDeps,
  type?: CallType,
): Promise<Reply> {
  const { access, limits, pacer, takeEvents } = deps;
  const known = authenticateByHead(request, access);
  if (known) {
    request.countFor(known.keyId);
  }
  const body = await request.readBody(parseContentCoding(request.headers));
  let writeKey = known;
  let calls: JsonPart[];
  try {
    const parsed = parseJsonBody(body, limits.maxBodyBytes);
    if (!writeKey) {
      writeKey = authenticateByBody(request, parsed.value, access);
      request.countFor(writeKey.keyId);
    }
    calls =
      type === undefined
        ? callsOf(parsed, limits.maxEventsPerRequest)
        : [parsed];
  } catch (error) {
    // Without a key nobody vouches for the body, so it is not kept.
    if (writeKey) {
      await takeUnreadable(error, body, writeKey, deps);
    }
    throw error;
  }

  access.charge(writeKey, request.address, {
    events: calls.length,
    bytes: body.length,
  });
  const context = {
    prefix: writeKey.producer ?? DEFAULT_PREFIX,
    type,
    maxEventDepth: limits.maxEventDepth,
  };
  const events = await adapt(calls, pacer, call => mapCall(call, context));
  const { accepted, refused } = settle(
    events,
    await takeEvents(events, writeKey),
  );
  return {
    status: 200,
    body: {
      success: true,
      receipt: uuidv7(),
      accepted,
      refused: refused.length,
      failed: refused,
    },
  };
}

/** A client with nothing to say may send an empty batch; that is no mistake. */
function callsOf(body: JsonPart, maxCalls: number): JsonPart[] {
  const batch = memberOf(body, 'batch');
  const calls = batch && elementsOf(batch, maxCalls);
  if (!calls) {
    throw new RequestError(
      'not_a_batch',
      "The body must be a JSON object with a list 'batch'",
    );
  }
  return calls;
}
