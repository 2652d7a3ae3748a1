import { ResponseError } from '@backstage/errors';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import type {
  CreatedWriteKey,
  DeliveryOverview,
  DeliveryOverviewRow,
  DeliveryStatus,
  PartitionDetail,
  PartitionList,
  PartitionRows,
  RefusedEvents,
  WriteKey,
  WriteKeyList,
  WriteKeyRequest,
} from '@millrace/plugin-delivery-common';
import type { DeliveryApi, DeliveryRequestOptions } from './DeliveryApi';

/** A path below the API; every variable part is encoded. */
function path(strings: TemplateStringsArray, ...parts: string[]): string {
  return String.raw({ raw: strings }, ...parts.map(encodeURIComponent));
}

/** A query string of the parameters that have a value. */
function query(parameters: {
  [name: string]: string | number | boolean | undefined;
}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) {
      search.set(name, String(value));
    }
  }
  return `?${search}`;
}

/**
 * {@link DeliveryApi} over HTTP.
 *
 * @public
 */
export class DeliveryClient implements DeliveryApi {
  readonly #fetchApi: FetchApi;

  constructor(options: { fetchApi: FetchApi }) {
    this.#fetchApi = options.fetchApi;
  }

  async getStatus(options?: DeliveryRequestOptions): Promise<DeliveryStatus> {
    return this.#get('/status', options);
  }

  async getOverview(
    options?: DeliveryRequestOptions,
  ): Promise<DeliveryOverviewRow[]> {
    const { items } = await this.#get<DeliveryOverview>('/overview', options);
    return items;
  }

  async getEventType(
    name: string,
    options?: DeliveryRequestOptions,
  ): Promise<DeliveryOverviewRow> {
    return this.#get(path`/event-types/${name}`, options);
  }

  async listPartitions(
    name: string,
    page: { limit: number; before?: string; includeEmpty: boolean },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionList> {
    return this.#get(
      path`/event-types/${name}/partitions` + query(page),
      options,
    );
  }

  async getPartition(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<PartitionDetail> {
    return this.#get(
      path`/event-types/${name}/partitions/${bucketStart}`,
      options,
    );
  }

  async listRows(
    name: string,
    bucketStart: string,
    page: { limit: number; offset: number },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionRows> {
    return this.#get(
      path`/event-types/${name}/partitions/${bucketStart}/rows` + query(page),
      options,
    );
  }

  async listRefused(
    name: string | undefined,
    page: { limit: number; cursor?: string },
    options?: DeliveryRequestOptions,
  ): Promise<RefusedEvents> {
    const list =
      name === undefined ? '/refused' : path`/event-types/${name}/refused`;
    return this.#get(list + query(page), options);
  }

  async listWriteKeys(options?: DeliveryRequestOptions): Promise<WriteKey[]> {
    const { items } = await this.#get<WriteKeyList>('/write-keys', options);
    return items;
  }

  async createWriteKey(request: WriteKeyRequest): Promise<CreatedWriteKey> {
    const response = await this.#send('/write-keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return response.json();
  }

  async revokeWriteKey(keyId: string): Promise<void> {
    await this.#send(path`/write-keys/${keyId}`, { method: 'DELETE' });
  }

  async #get<T>(target: string, options?: DeliveryRequestOptions): Promise<T> {
    const response = await this.#send(target, options);
    return response.json();
  }

  async #send(target: string, init?: RequestInit): Promise<Response> {
    const response = await this.#fetchApi.fetch(
      `plugin://delivery${target}`,
      init,
    );
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  }
}
