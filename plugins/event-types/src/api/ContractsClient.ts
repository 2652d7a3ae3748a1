import { ResponseError } from '@backstage/errors';
import { type FetchApi, createApiRef } from '@backstage/frontend-plugin-api';
import type {
  ContractCheck,
  ContractReport,
} from '@millrace/plugin-event-types-common';

/**
 * Contracts of event types, in the Open Data Contract Standard. Every method
 * throws a `ResponseError` when the backend refuses.
 *
 * @public
 */
export interface ContractsApi {
  /**
   * The contract as YAML. `asGenerated` gives what Millrace would give out if
   * none had been imported.
   */
  getContract(
    name: string,
    options?: { asGenerated?: boolean; signal?: AbortSignal },
  ): Promise<string>;
  /** Where it comes from, and what is to be said about it. */
  getReport(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<ContractReport>;
  /** What keeping a text would report; what is wrong comes as an answer. */
  check(
    name: string,
    text: string,
    options?: { signal?: AbortSignal },
  ): Promise<ContractCheck>;
  keep(name: string, text: string): Promise<ContractCheck>;
  /** Forgets the imported one; the generated one takes its place. */
  forget(name: string): Promise<void>;
}

/** @public */
export const contractsApiRef = createApiRef<ContractsApi>().with({
  id: 'plugin.event-types.contracts',
  pluginId: 'event-types',
});

/**
 * {@link ContractsApi} over HTTP.
 *
 * @public
 */
export class ContractsClient implements ContractsApi {
  readonly #fetchApi: FetchApi;

  constructor(options: { fetchApi: FetchApi }) {
    this.#fetchApi = options.fetchApi;
  }

  async getContract(
    name: string,
    options: { asGenerated?: boolean; signal?: AbortSignal } = {},
  ): Promise<string> {
    const { asGenerated, signal } = options;
    const query = asGenerated ? '?source=generated' : '';
    const response = await this.#request(name, query, {
      headers: { accept: 'application/yaml' },
      signal,
    });
    return response.text();
  }

  async getReport(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<ContractReport> {
    return (await this.#request(name, '/report', options)).json();
  }

  async check(
    name: string,
    text: string,
    options?: { signal?: AbortSignal },
  ): Promise<ContractCheck> {
    const sent = withText('POST', text, options);
    return (await this.#request(name, '/check', sent)).json();
  }

  async keep(name: string, text: string): Promise<ContractCheck> {
    return (await this.#request(name, '', withText('PUT', text))).json();
  }

  async forget(name: string): Promise<void> {
    await this.#request(name, '', { method: 'DELETE' });
  }

  async #request(
    name: string,
    below: string,
    init?: RequestInit,
  ): Promise<Response> {
    const response = await this.#fetchApi.fetch(
      `plugin://event-types/event-types/${encodeURIComponent(
        name,
      )}/contract${below}`,
      init,
    );
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  }
}

function withText(
  method: 'POST' | 'PUT',
  body: string,
  options?: { signal?: AbortSignal },
): RequestInit {
  return {
    method,
    headers: { 'content-type': 'application/yaml' },
    body,
    ...options,
  };
}
