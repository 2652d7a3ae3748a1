import { Platform } from '../platform';
import { MAX_CARRIED_BYTES } from './pageHide';

const encoder = new TextEncoder();

/** @param maxConcurrentRequests share what a browser carries for a page that is gone */
export function createBrowserPlatform(maxConcurrentRequests: number): Platform {
  const maxKeptAliveBytes = MAX_CARRIED_BYTES / (maxConcurrentRequests + 1);
  return {
    byteLength: text => encoder.encode(text).length,
    compress:
      typeof CompressionStream === 'undefined'
        ? undefined
        : async text => {
            const gzip = new Blob([text])
              .stream()
              .pipeThrough(new CompressionStream('gzip'));
            return new Uint8Array(await new Response(gzip).arrayBuffer());
          },
    requestSettings: bodyBytes => ({
      credentials: 'omit',
      // Lets a request finish although the page goes away. Above the limit the
      // browser would refuse the request.
      keepalive: bodyBytes <= maxKeptAliveBytes,
    }),
  };
}
