import { ResponseError } from '@backstage/errors';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import type {
  AuditAcknowledgement,
  AuditCoverage,
  AuditFinding,
  AuditFindingList,
  BucketClosing,
  BucketLine,
  CreatedWriteKey,
  DeliveryOperations,
  DeliveryOverview,
  DeliveryOverviewRow,
  DeliveryStatus,
  ForceCloseRequest,
  LedgerPage,
  LedgerQuery,
  LineDetail,
  PartitionAuditList,
  PartitionDetail,
  PartitionList,
  PartitionRows,
  RefusedEventDetail,
  RefusedEvents,
  RefusedEventsQuery,
  RefusedGroups,
  Replay,
  ReplayDetail,
  ReplayList,
  ReplayPreview,
  ReplayPreviewRequest,
  ReplayQuery,
  ReplayRequest,
  RevisionApproval,
  RevisionList,
  RevisionOperation,
  RevisionRequest,
  RolloutHistory,
  TestEvent,
  TestEventList,
  TestEventRequest,
  WriteKey,
  WriteKeyExpiry,
  WriteKeyList,
  WriteKeyRequest,
  WriteKeyRotation,
} from '@millrace/plugin-delivery-common';
import type { DeliveryApi, DeliveryRequestOptions } from './DeliveryApi';

/** A path below the API; every variable part is encoded. */
function path(strings: TemplateStringsArray, ...parts: string[]): string {
  return String.raw({ raw: strings }, ...parts.map(encodeURIComponent));
}

/** A query string of the parameters that have a value. */
function query(parameters: object): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) {
      search.set(name, String(value));
    }
  }
  return `?${search}`;
}

/** Refused events of one type, or of all and of types nobody registered. */
function refusedPath(name: string | undefined): string {
  return name === undefined ? '/refused' : path`/event-types/${name}/refused`;
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

  async getLedger(
    name: string,
    page: LedgerQuery,
    options?: DeliveryRequestOptions,
  ): Promise<LedgerPage> {
    return this.#get(path`/event-types/${name}/ledger` + query(page), options);
  }

  async getBucketLine(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<LineDetail<BucketLine>> {
    return this.#get(path`/event-types/${name}/books/${bucketStart}`, options);
  }

  async getClosing(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<BucketClosing> {
    return this.#get(
      path`/event-types/${name}/closing/${bucketStart}`,
      options,
    );
  }

  async getPartition(
    name: string,
    { bucketStart, revision }: { bucketStart: string; revision?: number },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionDetail> {
    return this.#get(
      path`/event-types/${name}/partitions/${bucketStart}` +
        query({ revision }),
      options,
    );
  }

  async getPartitionAudit(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<PartitionAuditList> {
    return this.#get(
      path`/event-types/${name}/audits` + query({ bucketStart, limit: 1 }),
      options,
    );
  }

  async listRows(
    name: string,
    bucketStart: string,
    page: { revision?: number; limit: number; offset: number },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionRows> {
    return this.#get(
      path`/event-types/${name}/partitions/${bucketStart}/rows` + query(page),
      options,
    );
  }

  async listRefused(
    name: string | undefined,
    filter: RefusedEventsQuery,
    options?: DeliveryRequestOptions,
  ): Promise<RefusedEvents> {
    return this.#get(refusedPath(name) + query(filter), options);
  }

  async getRefusedGroups(
    name: string,
    range: { since: string },
    options?: DeliveryRequestOptions,
  ): Promise<RefusedGroups> {
    return this.#get(
      path`/event-types/${name}/refused/groups` + query(range),
      options,
    );
  }

  async getRefusedEvent(
    name: string | undefined,
    refusalId: string,
    options?: DeliveryRequestOptions,
  ): Promise<RefusedEventDetail> {
    return this.#get(refusedPath(name) + path`/${refusalId}`, options);
  }

  async previewReplay(
    name: string,
    request: ReplayPreviewRequest,
    options?: DeliveryRequestOptions,
  ): Promise<ReplayPreview> {
    return this.#post(
      path`/event-types/${name}/replays/preview`,
      request,
      options,
    );
  }

  async createReplay(name: string, request: ReplayRequest): Promise<Replay> {
    return this.#post(path`/event-types/${name}/replays`, request);
  }

  async listReplays(
    name: string,
    options?: DeliveryRequestOptions,
  ): Promise<Replay[]> {
    const { items } = await this.#get<ReplayList>(
      path`/event-types/${name}/replays`,
      options,
    );
    return items;
  }

  async getReplay(
    name: string,
    replayId: string,
    page: ReplayQuery,
    options?: DeliveryRequestOptions,
  ): Promise<ReplayDetail> {
    return this.#get(
      path`/event-types/${name}/replays/${replayId}` + query(page),
      options,
    );
  }

  async sendTestEvent(
    name: string,
    request: TestEventRequest,
  ): Promise<TestEvent> {
    return this.#post(path`/event-types/${name}/test-events`, request);
  }

  async listTestEvents(
    name: string,
    options?: DeliveryRequestOptions,
  ): Promise<TestEvent[]> {
    const { items } = await this.#get<TestEventList>(
      path`/event-types/${name}/test-events`,
      options,
    );
    return items;
  }

  async listWriteKeys(options?: DeliveryRequestOptions): Promise<WriteKey[]> {
    const { items } = await this.#get<WriteKeyList>('/write-keys', options);
    return items;
  }

  async createWriteKey(request: WriteKeyRequest): Promise<CreatedWriteKey> {
    return this.#post('/write-keys', request);
  }

  async rotateWriteKey(
    keyId: string,
    rotation: WriteKeyRotation,
  ): Promise<CreatedWriteKey> {
    return this.#post(path`/write-keys/${keyId}/rotate`, rotation);
  }

  async setWriteKeyExpiry(
    keyId: string,
    expiry: WriteKeyExpiry,
  ): Promise<WriteKey> {
    return this.#post(path`/write-keys/${keyId}/expiry`, expiry);
  }

  async revokeWriteKey(keyId: string): Promise<void> {
    await this.#send(path`/write-keys/${keyId}`, { method: 'DELETE' });
  }

  async getOperations(
    page: { search?: string; offset?: number; limit?: number },
    options?: DeliveryRequestOptions,
  ): Promise<DeliveryOperations> {
    return this.#get(`/operations${query(page)}`, options);
  }

  async getRollouts(
    page: { before?: number; limit?: number },
    options?: DeliveryRequestOptions,
  ): Promise<RolloutHistory> {
    return this.#get(`/rollouts${query(page)}`, options);
  }

  async forceCloseBucket(
    name: string,
    bucketStart: string,
    request: ForceCloseRequest,
  ): Promise<BucketClosing> {
    return this.#post(
      path`/event-types/${name}/closing/${bucketStart}/force`,
      request,
    );
  }

  async retryPoisonBatch(name: string, poisonId: string): Promise<void> {
    await this.#send(path`/event-types/${name}/poison/${poisonId}/retry`, {
      method: 'POST',
    });
  }

  async requestRevision(
    name: string,
    request: RevisionRequest,
  ): Promise<RevisionOperation> {
    return this.#post(path`/event-types/${name}/revisions`, request);
  }

  async listRevisions(
    name: string,
    page: { limit: number; before?: string },
    options?: DeliveryRequestOptions,
  ): Promise<RevisionList> {
    return this.#get(
      path`/event-types/${name}/revisions` + query(page),
      options,
    );
  }

  async getRevision(
    name: string,
    operationId: string,
    options?: DeliveryRequestOptions,
  ): Promise<RevisionOperation> {
    return this.#get(
      path`/event-types/${name}/revisions/${operationId}`,
      options,
    );
  }

  async approveRevision(
    name: string,
    operationId: string,
    approval: RevisionApproval,
  ): Promise<RevisionOperation> {
    return this.#post(
      path`/event-types/${name}/revisions/${operationId}/approve`,
      approval,
    );
  }

  async cancelRevision(
    name: string,
    operationId: string,
  ): Promise<RevisionOperation> {
    return this.#post(
      path`/event-types/${name}/revisions/${operationId}/cancel`,
      {},
    );
  }

  async listAuditFindings(
    filter: { eventType?: string; limit: number; cursor?: string },
    options?: DeliveryRequestOptions,
  ): Promise<AuditFindingList> {
    return this.#get(`/audit/findings${query(filter)}`, options);
  }

  async getAuditCoverage(
    options?: DeliveryRequestOptions,
  ): Promise<AuditCoverage> {
    return this.#get('/audit/coverage', options);
  }

  async acknowledgeAuditFinding(
    findingId: string,
    acknowledgement: AuditAcknowledgement,
  ): Promise<AuditFinding> {
    return this.#post(
      path`/audit/findings/${findingId}/acknowledge`,
      acknowledgement,
    );
  }

  async #get<T>(target: string, options?: DeliveryRequestOptions): Promise<T> {
    const response = await this.#send(target, options);
    return response.json();
  }

  async #post<T>(
    target: string,
    body: object,
    options?: DeliveryRequestOptions,
  ): Promise<T> {
    const response = await this.#send(target, {
      ...options,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
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
