import type { SnapshotWriteKey } from '@millrace/ledger';
import { Bucket } from '@millrace/schema';
import { RequestError } from '../errors';
import { EventsRequest, parseContentHeaders, Reply } from '../http';
import { GatewayLimits } from '../options';
import { EventPublisher, RefusedPublisher } from '../publishing';
import { GatewaySnapshot } from '../snapshot';
import { answer, Outcome } from './answer';
import { authenticate } from './authenticate';
import { createRefusal, judgeEvent, Judgement } from './judgeEvent';
import { cutText, IncomingEvent, parseEvents } from './parseEvents';

/** What intake works with. */
export interface Intake {
  limits: GatewayLimits;
  snapshot(): GatewaySnapshot | undefined;
  /** Receive time of what is judged now, and the bucket it belongs to. */
  stamp(): { receivedAt: Date; bucket: Bucket };
  events: EventPublisher;
  refusals: RefusedPublisher;
}

/**
 * Takes one request: authenticate, parse, judge, publish, answer.
 *
 * Guarantees: nothing of a body is parsed before its write key is known to be
 * good; an event is answered as accepted only after the broker has committed
 * the batch that holds it; a refused one is answered as refused only after the
 * broker has committed the refusal; each event is answered by itself, whatever
 * its neighbours are.
 *
 * @throws RequestError when the request as a whole cannot be taken
 */
export async function receiveEvents(
  request: EventsRequest,
  intake: Intake,
): Promise<Reply> {
  const snapshot = intake.snapshot();
  if (!snapshot) {
    throw new RequestError(
      'not_ready',
      'The gateway has no configuration yet; send the same events again later',
    );
  }
  const writeKey = authenticate(
    request.headers.authorization,
    snapshot.writeKeys,
  );
  const format = parseContentHeaders(request.headers);
  const body = await request.readBody(format.isGzip);
  let events: IncomingEvent[];
  try {
    events = parseEvents(body, format.shape, intake.limits.maxEventsPerRequest);
  } catch (error) {
    await keepUnreadable(error, body, writeKey, intake);
    throw error;
  }

  // From the stamp until every event is in a batch nothing is awaited: the
  // batch holds its bucket open, the stamp alone does not.
  const { receivedAt, bucket } = intake.stamp();
  const context = {
    snapshot,
    writeKey,
    receivedAt: receivedAt.toISOString(),
    limits: intake.limits,
  };
  const judgements = events.map(event => judgeEvent(event, context));
  const commits = judgements.map(judgement =>
    publish(judgement, bucket, intake),
  );

  return answer(await settle(judgements, commits));
}

function publish(
  judgement: Judgement,
  bucket: Bucket,
  { events, refusals }: Intake,
): Promise<boolean> {
  return judgement.kind === 'accepted'
    ? events.publish(judgement.eventType, bucket, judgement.line)
    : refusals.publish(judgement.refusal);
}

async function settle(
  judgements: Judgement[],
  commits: Promise<boolean>[],
): Promise<Outcome[]> {
  // Events of one batch share its promise; each is awaited once.
  const results = new Map<Promise<boolean>, boolean>();
  for (const commit of new Set(commits)) {
    results.set(commit, await commit);
  }
  return judgements.map((judgement, index) => ({
    judgement,
    isCommitted: results.get(commits[index]) === true,
  }));
}

/**
 * A body that cannot be taken apart is kept as one refused event, so that its
 * owner finds it. An empty batch is nothing to keep, and one with too many
 * events comes again in smaller parts.
 */
async function keepUnreadable(
  error: unknown,
  body: Buffer,
  writeKey: SnapshotWriteKey,
  { limits, refusals, stamp }: Intake,
): Promise<void> {
  const isKept =
    error instanceof RequestError &&
    (error.reason === 'invalid_json' || error.reason === 'not_a_batch') &&
    body.length > 2;
  if (!isKept) {
    return;
  }
  const isCommitted = await refusals.publish(
    createRefusal({
      reason: error.reason,
      message: error.message,
      receivedAt: stamp().receivedAt.toISOString(),
      writeKeyId: writeKey.keyId,
      event: cutText(
        body,
        0,
        Math.min(body.length, limits.maxKeptRefusedBytes),
      ),
    }),
  );
  if (!isCommitted) {
    throw new RequestError(
      'broker_unavailable',
      'The broker does not answer; send the same events again later',
    );
  }
}
