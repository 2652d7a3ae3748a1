import { ResponseError } from '@backstage/errors';
import { type FetchApi, createApiRef } from '@backstage/frontend-plugin-api';
import type {
  DeclarationImportReview,
  EventType,
} from '@millrace/plugin-event-types-common';

/**
 * Declarations as code: giving them out and taking them in. Every method throws a
 * `ResponseError` when the backend refuses.
 *
 * @public
 */
export interface DeclarationsApi {
  /** The declaration of an event type, as YAML. */
  getDeclaration(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<string>;
  /**
   * What taking a text in would do; what is wrong comes as an answer. With a name,
   * the text has to declare that event type.
   */
  check(
    text: string,
    options?: { name?: string; signal?: AbortSignal },
  ): Promise<DeclarationImportReview>;
  /** Registers what a text declares. */
  register(text: string): Promise<EventType>;
  /**
   * Brings an event type to a text, unless it is at another generation than the
   * one that was checked.
   */
  takeIn(name: string, text: string, generation?: number): Promise<EventType>;
}

/** @public */
export const declarationsApiRef = createApiRef<DeclarationsApi>().with({
  id: 'plugin.event-types.declarations',
  pluginId: 'event-types',
});

/**
 * {@link DeclarationsApi} over HTTP.
 *
 * @public
 */
export class DeclarationsClient implements DeclarationsApi {
  readonly #fetchApi: FetchApi;

  constructor(options: { fetchApi: FetchApi }) {
    this.#fetchApi = options.fetchApi;
  }

  async getDeclaration(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<string> {
    const response = await this.#request(
      `${pathOf(name)}/declaration.yaml`,
      options,
    );
    return response.text();
  }

  async check(
    text: string,
    options: { name?: string; signal?: AbortSignal } = {},
  ): Promise<DeclarationImportReview> {
    const { name, signal } = options;
    const path =
      name === undefined ? '/declarations' : `${pathOf(name)}/declaration`;
    return this.#send('POST', `${path}/check`, text, signal);
  }

  async register(text: string): Promise<EventType> {
    return this.#send('POST', '/declarations', text);
  }

  async takeIn(
    name: string,
    text: string,
    generation?: number,
  ): Promise<EventType> {
    const query = generation === undefined ? '' : `?generation=${generation}`;
    return this.#send('PUT', `${pathOf(name)}/declaration${query}`, text);
  }

  async #send<T>(
    method: 'POST' | 'PUT',
    path: string,
    text: string,
    signal?: AbortSignal,
  ): Promise<T> {
    const response = await this.#request(path, {
      method,
      headers: { 'content-type': 'application/yaml' },
      body: text,
      signal,
    });
    return response.json();
  }

  async #request(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.#fetchApi.fetch(
      `plugin://event-types${path}`,
      init,
    );
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  }
}

function pathOf(name: string): string {
  return `/event-types/${encodeURIComponent(name)}`;
}
