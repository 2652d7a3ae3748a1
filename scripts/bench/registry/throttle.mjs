const SAY_EVERY_MS = 10_000;

/** Says something now and then; what is said is found out only then. */
export function throttle(say) {
  let nextAt = performance.now() + SAY_EVERY_MS;
  return async what => {
    if (performance.now() < nextAt) return;
    nextAt = performance.now() + SAY_EVERY_MS;
    say(await what());
  };
}
