import { IncomingMessage } from 'node:http';
import { GatewayLimits } from '../options';
import { Reservation } from './inFlightBytes';
import { readBody } from './readBody';
import { ContentCoding, GatewayRequest } from './types';

/** A request as the handlers of the route table see it. */
export class IncomingRequest implements GatewayRequest {
  readonly method: string;
  readonly path: string;
  private readonly queryText: string;

  constructor(
    private readonly message: IncomingMessage,
    private readonly reservation: Reservation,
    private readonly options: {
      limits: GatewayLimits;
      addressOf(peer: string, forwardedFor: string | undefined): string;
    },
  ) {
    const url = message.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    this.method = message.method ?? '';
    this.path =
      path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    this.queryText = mark === -1 ? '' : url.slice(mark + 1);
  }

  get headers() {
    return this.message.headers;
  }

  get query() {
    return new URLSearchParams(this.queryText);
  }

  get address() {
    const forwardedFor = this.message.headers['x-forwarded-for'];
    return this.options.addressOf(
      this.message.socket.remoteAddress ?? '',
      Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor,
    );
  }

  readBody(coding: ContentCoding) {
    const { limits } = this.options;
    return readBody(this.message, coding, limits, this.reservation);
  }

  countFor(keyId: string) {
    this.reservation.countFor(keyId);
  }
}
