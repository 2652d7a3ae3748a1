import type { IncomingHttpHeaders } from 'node:http';

/** A reply; an object is sent as JSON, a text as it is. */
export interface Reply {
  status: number;
  body: object | string;
  headers?: Readonly<Record<string, string>>;
}

/** How a body is compressed. */
export type ContentCoding = 'identity' | 'gzip' | 'zstd';

/** A request whose body is read when, and only if, it is asked for. */
export interface GatewayRequest {
  method: string;
  /** Without query and trailing slash. */
  path: string;
  headers: IncomingHttpHeaders;
  query: URLSearchParams;
  /** Address of the peer. */
  address: string;
  /**
   * The body, decompressed; bounded before and after.
   *
   * @throws RequestError
   */
  readBody(coding: ContentCoding): Promise<Buffer>;
  /** From here on what the request holds counts against this write key. */
  countFor(keyId: string): void;
}

/** One line of the route table. */
export interface Route {
  method: 'GET' | 'POST';
  path: string;
  handle(request: GatewayRequest): Promise<Reply>;
}
