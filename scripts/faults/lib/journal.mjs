/**
 * What is known of every event: that it was offered to the sender's queue, that
 * the queue has it, each time it went over the wire and what came back, and the
 * verdict the application was told.
 */
export class Journal {
  /** @type {Map<string, import('../oracle/judge.mjs').JournalEntry>} */
  entries = new Map();
  /** Codes of events that the queue did not take. */
  notTaken = new Map();
  drops = [];
  #onHear = () => {};

  offer({ id, type, data, expected }, cycle) {
    this.entries.set(id, {
      id,
      type,
      data,
      expected,
      cycle,
      isKept: false,
      verdict: undefined,
      sends: [],
      mayResend: false,
      mayRepeatBatch: false,
    });
  }

  /** A message of the sender. */
  hear(message) {
    const entry = this.entries.get(message.id);
    if (message.type === 'kept') entry.isKept = true;
    if (message.type === 'verdict' && entry) {
      entry.verdict = message.status;
      entry.reason = message.reason;
      entry.pointer = message.pointer;
      // Whatever has a verdict was taken, even if word of it got lost.
      entry.isKept = true;
    }
    if (message.type === 'notTaken') {
      this.notTaken.set(message.id, message.code);
    }
    if (message.type === 'drop') this.drops.push(message);
    this.#onHear(message);
  }

  /** @param {(message: object) => void} listener of messages of the sender */
  listen(listener) {
    this.#onHear = listener;
  }

  /** The event goes over the wire; gives where to write what came back. */
  send(id) {
    const attempt = { outcome: 'none' };
    this.entries.get(id)?.sends.push(attempt);
    return answer => Object.assign(attempt, answer);
  }

  /** The events of one cycle. */
  of(cycle) {
    return [...this.entries.values()].filter(entry => entry.cycle === cycle);
  }
}
