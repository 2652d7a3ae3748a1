// Required first into a process whose clock is to jump: Date says what it is
// told to say, over IPC. This is the declared fake of the clock campaign.
//
// The monotonic clock (performance.now, timers) goes on as it was: that is what
// a correction of the time of day, a wrong battery or a mistyped date does to a
// process on a real machine.
const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);
let offsetMs = 0;
/** Where the time of day stands still. */
let frozenAt;

const now = () => frozenAt ?? realNow() + offsetMs;

class ShiftedDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }

  static now() {
    return now();
  }

  // A date made before the fake was in place is one as well.
  static [Symbol.hasInstance](value) {
    return value instanceof RealDate;
  }
}
globalThis.Date = ShiftedDate;

// A life that begins with a wrong clock.
set(JSON.parse(process.env.MILLRACE_FAULTS_CLOCK ?? '{}'));
process.on('message', message => {
  if (message?.type === 'clock') set(message);
});

function set(message) {
  offsetMs = message.offsetMs ?? 0;
  frozenAt = message.isFrozen ? realNow() + offsetMs : undefined;
}
