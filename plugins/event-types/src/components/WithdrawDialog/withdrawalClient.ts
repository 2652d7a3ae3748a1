import { ResponseError } from '@backstage/errors';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import type {
  EventType,
  EventTypeEvolution,
  EventTypeFootprint,
  KnownReaders,
  WithdrawalReview,
} from '@millrace/plugin-event-types-common';

/** What the dialog asks the backends. Every method throws a `ResponseError`. */
export interface WithdrawalClient {
  /** What withdrawing would do, as far as the registry knows. */
  review(name: string, signal?: AbortSignal): Promise<WithdrawalReview>;
  /**
   * What there is of it in delivery; `undefined` where no delivery is installed.
   */
  footprint(
    name: string,
    signal?: AbortSignal,
  ): Promise<EventTypeFootprint | undefined>;
  /** Who reads it, as far as that is known. */
  readers(name: string, signal?: AbortSignal): Promise<KnownReaders>;
  withdraw(name: string, reason: string): Promise<EventType>;
  undo(name: string): Promise<EventType>;
}

/** A {@link WithdrawalClient} over HTTP. */
export function createWithdrawalClient(fetchApi: FetchApi): WithdrawalClient {
  const pathOf = (name: string) => `/event-types/${encodeURIComponent(name)}`;

  async function request<T>(url: string, init?: RequestInit): Promise<T> {
    const response = await fetchApi.fetch(url, init);
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response.json();
  }

  return {
    review: (name, signal) =>
      request(`plugin://event-types${pathOf(name)}/withdrawal`, { signal }),
    async footprint(name, signal) {
      try {
        return await request<EventTypeFootprint>(
          `plugin://delivery${pathOf(name)}/footprint`,
          { signal },
        );
      } catch (error) {
        if (error instanceof ResponseError && error.statusCode === 404) {
          return undefined;
        }
        throw error;
      }
    },
    async readers(name, signal) {
      const { readers } = await request<EventTypeEvolution>(
        `plugin://event-types${pathOf(name)}/evolution`,
        { signal },
      );
      return readers;
    },
    withdraw: (name, reason) =>
      request(`plugin://event-types${pathOf(name)}/withdrawal`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ reason }),
      }),
    undo: name =>
      request(`plugin://event-types${pathOf(name)}/withdrawal`, {
        method: 'DELETE',
      }),
  };
}
