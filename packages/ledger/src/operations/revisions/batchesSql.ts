/**
 * The batches that each revision of an operation is made from: those of the
 * partition it replaces that do not leave it, and those that come home. As a
 * query with the columns `to_start`, the bucket of the revision, and all of
 * `staged_batches`; `:operationId` names the operation.
 */
export const REVISION_BATCHES_SQL = `
  SELECT c.bucket_start AS to_start, s.*
  FROM revision_changes c
  JOIN staged_batches s ON s.partition_id = c.from_partition_id
  WHERE c.operation_id = :operationId AND NOT EXISTS (
    SELECT FROM revision_moves m
    WHERE m.operation_id = c.operation_id AND m.event_type = s.event_type
      AND m.bucket_start = s.bucket_start AND m.gateway = s.gateway
      AND m.epoch = s.epoch AND m.batch = s.batch)
  UNION ALL
  SELECT s.bucket_start AS to_start, s.*
  FROM revision_moves m JOIN staged_batches s
    ON s.event_type = m.event_type AND s.bucket_start = m.bucket_start
    AND s.gateway = m.gateway AND s.epoch = m.epoch AND s.batch = m.batch
  WHERE m.operation_id = :operationId`;

/**
 * Equal for equal sets of batches: an aggregate over rows `b` of
 * {@link REVISION_BATCHES_SQL}.
 */
export const BATCHES_DIGEST_SQL = `
  encode(sha256(convert_to(coalesce(string_agg(jsonb_build_array(
    b.bucket_start, b.gateway, b.epoch, b.batch, b.events, b.schema_version)
    ::text, chr(10) ORDER BY b.bucket_start, b.gateway, b.epoch, b.batch), ''),
    'UTF8')), 'hex')`;
