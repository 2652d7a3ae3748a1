import { ResponseError } from '@backstage/errors';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import type {
  CompatibilityMode,
  DeclarationDraft,
  DeclarationDraftList,
  DeclarationDraftRequest,
  DeclarationOptions,
  DeclarationReview,
  DeclarationReviewRequest,
  DeprecationRequest,
  EventType,
  EventTypeEvolution,
  EventTypeList,
  EventTypeListItem,
  EventTypePage,
  EventTypePreview,
  EventTypePreviewRequest,
  EventTypeRegistration,
  FieldPage,
  MajorVersion,
  MajorVersionRequest,
  NameAvailability,
  SchemaVerdict,
  SchemaVerdictRequest,
  VersionDiff,
  VersionWithStep,
} from '@millrace/plugin-event-types-common';
import type { EventTypesApi } from './EventTypesApi';
import {
  type EventTypeQuery,
  type FieldQuery,
  eventTypeSearch,
  fieldSearch,
} from './findQuery';

type RequestOptions = { signal?: AbortSignal };

function pathOf(name: string): string {
  return `/event-types/${encodeURIComponent(name)}`;
}

function draftPathOf(id: string): string {
  return `/drafts/${encodeURIComponent(id)}`;
}

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

  async findEventTypes(
    query: EventTypeQuery,
    options?: RequestOptions,
  ): Promise<EventTypePage> {
    return this.#request(`/event-types?${eventTypeSearch(query)}`, options);
  }

  async findFields(
    query: FieldQuery,
    options?: RequestOptions,
  ): Promise<FieldPage> {
    return this.#request(`/fields?${fieldSearch(query)}`, options);
  }

  async getDeclarationOptions(
    options?: RequestOptions,
  ): Promise<DeclarationOptions> {
    return this.#request('/declaration-options', options);
  }

  async getEventType(
    name: string,
    options?: RequestOptions,
  ): Promise<EventType> {
    return this.#request(pathOf(name), options);
  }

  async listVersions(
    name: string,
    options?: RequestOptions,
  ): Promise<VersionWithStep[]> {
    const { items } = await this.#request<{ items: VersionWithStep[] }>(
      `${pathOf(name)}/versions`,
      options,
    );
    return items;
  }

  async diffVersions(
    name: string,
    from: number,
    to: number,
    options?: RequestOptions,
  ): Promise<VersionDiff> {
    return this.#request(
      `${pathOf(name)}/versions/${from}/diff/${to}`,
      options,
    );
  }

  async getEvolution(
    name: string,
    options?: RequestOptions,
  ): Promise<EventTypeEvolution> {
    return this.#request(`${pathOf(name)}/evolution`, options);
  }

  async judgeSchema(
    name: string,
    request: SchemaVerdictRequest,
    options?: RequestOptions,
  ): Promise<SchemaVerdict> {
    return this.#send('POST', `${pathOf(name)}/verdict`, request, options);
  }

  async publishVersion(name: string, schema: unknown): Promise<EventType> {
    return this.#send('POST', `${pathOf(name)}/versions`, { schema });
  }

  async setCompatibility(
    name: string,
    mode: CompatibilityMode,
  ): Promise<EventType> {
    return this.#send('PUT', `${pathOf(name)}/compatibility`, { mode });
  }

  async deprecate(
    name: string,
    request: DeprecationRequest,
  ): Promise<EventType> {
    return this.#send('PUT', `${pathOf(name)}/deprecation`, request);
  }

  async liftDeprecation(name: string): Promise<EventType> {
    return this.#request(`${pathOf(name)}/deprecation`, { method: 'DELETE' });
  }

  async requestMajor(
    name: string,
    request: MajorVersionRequest,
  ): Promise<MajorVersion> {
    return this.#send('POST', `${pathOf(name)}/majors`, request);
  }

  async decideMajor(
    name: string,
    decision: { isApproved: boolean; note?: string },
  ): Promise<MajorVersion> {
    return this.#send('POST', `${pathOf(name)}/majors/decision`, decision);
  }

  async takeMajorStep(
    name: string,
    request: { step: 'consumers-moved' | 'retired'; note?: string },
  ): Promise<MajorVersion> {
    return this.#send('POST', `${pathOf(name)}/majors/steps`, request);
  }

  async register(registration: EventTypeRegistration): Promise<EventType> {
    return this.#send('POST', '/event-types', registration);
  }

  async update(
    registration: EventTypeRegistration,
    options: { ifGeneration?: number } = {},
  ): Promise<EventType> {
    const { ifGeneration } = options;
    return this.#send('PUT', pathOf(registration.name), registration, {
      headers:
        ifGeneration === undefined ? {} : { 'if-match': `"${ifGeneration}"` },
    });
  }

  async getAvailability(
    name: string,
    options?: RequestOptions,
  ): Promise<NameAvailability> {
    return this.#request(`${pathOf(name)}/availability`, options);
  }

  async review(
    request: DeclarationReviewRequest,
    options?: RequestOptions,
  ): Promise<DeclarationReview> {
    return this.#send('POST', '/event-types/review', request, options);
  }

  async listDrafts(
    options?: RequestOptions,
  ): Promise<DeclarationDraftList['items']> {
    const { items } = await this.#request<DeclarationDraftList>(
      '/drafts',
      options,
    );
    return items;
  }

  async getDraft(
    id: string,
    options?: RequestOptions,
  ): Promise<DeclarationDraft> {
    return this.#request(draftPathOf(id), options);
  }

  async saveDraft(
    id: string,
    request: DeclarationDraftRequest,
  ): Promise<DeclarationDraft> {
    return this.#send('PUT', draftPathOf(id), request);
  }

  async deleteDraft(id: string): Promise<void> {
    await this.#fetch(draftPathOf(id), { method: 'DELETE' });
  }

  async preview(
    request: EventTypePreviewRequest,
    options?: RequestOptions,
  ): Promise<EventTypePreview> {
    return this.#send('POST', '/event-types/preview', request, options);
  }

  async #send<T>(
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    options?: RequestOptions & { headers?: { [name: string]: string } },
  ): Promise<T> {
    return this.#request<T>(path, {
      ...options,
      method,
      headers: { ...options?.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #request<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await this.#fetch(path, init);
    return response.json();
  }

  async #fetch(path: string, init?: RequestInit): Promise<Response> {
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
