import { DefaultProducer } from '../producer';

/**
 * What a browser carries for a page that is gone, all beacons and keepalive
 * requests together, with some room for headers.
 */
export const MAX_CARRIED_BYTES = 60_000;

/** The parts of a page that tell when it goes. */
export interface Page {
  addEventListener(type: 'pagehide', listener: () => void): void;
  removeEventListener(type: 'pagehide', listener: () => void): void;
  document: Pick<
    Document,
    'addEventListener' | 'removeEventListener' | 'visibilityState'
  >;
  navigator: Pick<Navigator, 'sendBeacon'>;
}

/**
 * Sends what can be sent when a page goes away.
 *
 * Out of sight, the producer flushes at once: on a phone that may be the last
 * thing a page does. When the page goes, the oldest events leave as a beacon. A
 * beacon has no reply, so they stay in the queue as well and are sent again, with
 * the same ids, by whoever has the queue next.
 *
 * A beacon can carry no header, so the write key is in the URL, where proxies may
 * log it: use a browser key, which may only write.
 *
 * @returns a function that stops listening
 */
export function sendOnPageHide(
  page: Page,
  producer: Pick<DefaultProducer, 'flush' | 'peek' | 'nextEventsUrl'>,
  writeKey: string,
): () => void {
  const onHide = () => {
    const url = `${producer.nextEventsUrl()}?writeKey=${encodeURIComponent(
      writeKey,
    )}`;
    for (
      let maxBytes = MAX_CARRIED_BYTES;
      maxBytes > 100;
      maxBytes = Math.floor(maxBytes / 2)
    ) {
      const events = producer.peek(maxBytes);
      // A text leaves as text/plain, which needs no preflight.
      const body = `[${events.map(({ json }) => json).join(',')}]`;
      if (events.length === 0 || page.navigator.sendBeacon(url, body)) {
        return;
      }
    }
  };
  const onVisibility = () => {
    if (page.document.visibilityState === 'hidden') {
      void producer.flush();
    }
  };
  page.addEventListener('pagehide', onHide);
  page.document.addEventListener('visibilitychange', onVisibility);
  return () => {
    page.removeEventListener('pagehide', onHide);
    page.document.removeEventListener('visibilitychange', onVisibility);
  };
}
