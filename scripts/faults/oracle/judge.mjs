import { isDeepStrictEqual } from 'node:util';

/**
 * The oracle's rule about what is on the broker, from the point of view of
 * somebody who kept a journal of what was sent and can read every topic:
 *
 * - what was answered accepted is on a topic of events, and nowhere among the
 *   refused; what was answered refused is on a topic of refused events, and
 *   nowhere else. It does not matter whether the sender lived to see the answer;
 * - what the sender's queue took is there in the end, whoever was killed;
 * - an event is there more than once only when it was sent again because no
 *   answer had come; a batch is there more than once only when gateway or
 *   broker was disturbed while the one waited for the other;
 * - nothing is there that was never sent, and nothing with other content;
 * - a good event is never refused and a bad one never accepted.
 *
 * @param {JournalEntry[]} journal
 * @param {Map<string, import('./drain.mjs').Copy[]>} copies
 *
 * @typedef {object} JournalEntry
 * @property {string} id
 * @property {string} type
 * @property {object} data
 * @property {'accepted' | 'refused'} expected what the schema says
 * @property {boolean} isKept the sender's queue said that it has it
 * @property {'accepted' | 'refused'} [verdict] as told to the application
 * @property {{ outcome: 'accepted' | 'refused' | 'retriable' | 'none' }[]} sends
 *   every time it went over the wire, and what came back
 * @property {boolean} mayResend the sender was killed: it may not have learned
 *   of an answer, and sends again what was answered
 * @property {boolean} mayRepeatBatch broker or gateway were disturbed
 */
export function judge(journal, copies) {
  const problems = [];
  const counts = {
    events: journal.length,
    accepted: 0,
    refused: 0,
    unanswered: 0,
    lost: 0,
    duplicates: 0,
    retries: 0,
    repeatedBatches: 0,
  };
  const lose = text => {
    counts.lost += 1;
    problems.push(`lost: ${text}`);
  };
  const repeat = text => {
    counts.duplicates += 1;
    problems.push(`duplicate: ${text}`);
  };

  for (const entry of journal) {
    const { id, expected, verdict, sends, isKept } = entry;
    const found = copies.get(id) ?? [];
    const events = found.filter(({ kind }) => kind === 'event');
    const refusals = found.filter(({ kind }) => kind === 'refused');
    const answers = new Set(sends.map(({ outcome }) => outcome));
    const isAccepted = verdict === 'accepted' || answers.has('accepted');
    const isRefused = verdict === 'refused' || answers.has('refused');

    if (isAccepted) {
      counts.accepted += 1;
      if (events.length === 0) lose(`${id} was accepted and is on no topic`);
    } else if (isRefused) {
      counts.refused += 1;
      if (refusals.length === 0) lose(`${id} was refused and is kept nowhere`);
    } else {
      counts.unanswered += 1;
      if (isKept && found.length === 0) {
        lose(`${id} was taken by the queue of the sender and is on no topic`);
      }
    }
    if (isKept && !isAccepted && !isRefused) {
      problems.push(`stuck: ${id} was never answered, although all was well`);
    }
    if (expected === 'accepted' && (isRefused || refusals.length > 0)) {
      problems.push(`wrong: ${id} is valid and was refused`);
    }
    if (expected === 'refused' && (isAccepted || events.length > 0)) {
      problems.push(`wrong: ${id} is not valid and was accepted`);
    }
    for (const { topic, type, data } of events) {
      if (type !== entry.type || !isDeepStrictEqual(data, entry.data)) {
        problems.push(`changed: ${id} on ${topic} is not what was sent`);
      }
    }

    counts.retries += Math.max(0, sends.length - 1);
    const firstAnswer = sends.findIndex(
      ({ outcome }) => outcome === 'accepted' || outcome === 'refused',
    );
    const isSentAfterAnswer =
      firstAnswer >= 0 && firstAnswer < sends.length - 1;
    if (isSentAfterAnswer && !entry.mayResend) {
      repeat(`${id} was sent again after it had been answered`);
    }
    const batches = new Set(found.map(({ batch }) => batch));
    if (batches.size > sends.length) {
      repeat(`${id} was sent ${sends.length}× and is there ${batches.size}×`);
    }
    const repeated = found.length - batches.size;
    counts.repeatedBatches += repeated;
    if (repeated > 0 && !entry.mayRepeatBatch) {
      repeat(`${id} is in a batch that is there ${repeated + 1}×`);
    }
  }
  return { ...counts, problems };
}

/** What is on a topic and was never sent. */
export function findGhosts(ids, copies) {
  return [...copies.keys()]
    .filter(id => !ids.has(id))
    .map(id => `ghost: ${id} is on a topic and was never sent`);
}
