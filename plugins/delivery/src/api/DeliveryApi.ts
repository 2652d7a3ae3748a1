import { createApiRef } from '@backstage/frontend-plugin-api';
import type {
  CreatedWriteKey,
  DeliveryOverviewRow,
  DeliveryStatus,
  PartitionDetail,
  PartitionList,
  PartitionRows,
  RefusedEvents,
  WriteKey,
  WriteKeyRequest,
} from '@millrace/plugin-delivery-common';

/** @public */
export interface DeliveryRequestOptions {
  signal?: AbortSignal;
}

/**
 * The delivery backend. Every method throws a `ResponseError` when the backend
 * refuses.
 *
 * @public
 */
export interface DeliveryApi {
  getStatus(options?: DeliveryRequestOptions): Promise<DeliveryStatus>;
  /** How every event type one may see is delivered, by name. */
  getOverview(options?: DeliveryRequestOptions): Promise<DeliveryOverviewRow[]>;
  getEventType(
    name: string,
    options?: DeliveryRequestOptions,
  ): Promise<DeliveryOverviewRow>;
  /** A page of partitions, newest first. */
  listPartitions(
    name: string,
    page: { limit: number; before?: string; includeEmpty: boolean },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionList>;
  /** @param bucketStart - RFC 3339 */
  getPartition(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<PartitionDetail>;
  listRows(
    name: string,
    bucketStart: string,
    page: { limit: number; offset: number },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionRows>;
  /**
   * Refused events, newest first: of one type, or, without a name, of all
   * types and of those nobody registered.
   */
  listRefused(
    name: string | undefined,
    page: { limit: number; cursor?: string },
    options?: DeliveryRequestOptions,
  ): Promise<RefusedEvents>;
  listWriteKeys(options?: DeliveryRequestOptions): Promise<WriteKey[]>;
  createWriteKey(request: WriteKeyRequest): Promise<CreatedWriteKey>;
  revokeWriteKey(keyId: string): Promise<void>;
}

/** @public */
export const deliveryApiRef = createApiRef<DeliveryApi>().with({
  id: 'plugin.delivery.client',
  pluginId: 'delivery',
});
