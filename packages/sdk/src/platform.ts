/** What differs between Node and the browser. */
export interface Platform {
  /** Length of a text in UTF-8. */
  byteLength(text: string): number;
  /** Gzip, where there is one. */
  compress?(text: string): Promise<Uint8Array<ArrayBuffer>>;
  /** More settings for a request with a body of so many bytes. */
  requestSettings?(bodyBytes: number): RequestInit;
}
