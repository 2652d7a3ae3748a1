import { ResponseError } from '@backstage/errors';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import type {
  EventType,
  EventTypeList,
  EventTypeListItem,
  EventTypePreview,
  EventTypePreviewRequest,
  EventTypeRegistration,
  EventTypeVersion,
} from '@millrace/plugin-event-types-common';
import type { EventTypesApi } from './EventTypesApi';

type RequestOptions = { signal?: AbortSignal };

/**
 * {@link EventTypesApi} over HTTP.
 *
 * @public
 */
export class EventTypesClient implements EventTypesApi {
  readonly #fetchApi: FetchApi;

  constructor(options: { fetchApi: FetchApi }) {
    this.#fetchApi = options.fetchApi;
  }

  async listEventTypes(options?: RequestOptions): Promise<EventTypeListItem[]> {
    const { items } = await this.#request<EventTypeList>(
      '/event-types',
      options,
    );
    return items;
  }

  async getEventType(
    name: string,
    options?: RequestOptions,
  ): Promise<EventType> {
    return this.#request(`/event-types/${encodeURIComponent(name)}`, options);
  }

  async listVersions(
    name: string,
    options?: RequestOptions,
  ): Promise<EventTypeVersion[]> {
    const { items } = await this.#request<{ items: EventTypeVersion[] }>(
      `/event-types/${encodeURIComponent(name)}/versions`,
      options,
    );
    return items;
  }

  async register(registration: EventTypeRegistration): Promise<EventType> {
    return this.#post('/event-types', registration);
  }

  async preview(
    request: EventTypePreviewRequest,
    options?: RequestOptions,
  ): Promise<EventTypePreview> {
    return this.#post('/event-types/preview', request, options);
  }

  async #post<T>(path: string, body: unknown, options?: RequestOptions) {
    return this.#request<T>(path, {
      ...options,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #request<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await this.#fetchApi.fetch(
      `plugin://event-types${path}`,
      init,
    );
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response.json();
  }
}
