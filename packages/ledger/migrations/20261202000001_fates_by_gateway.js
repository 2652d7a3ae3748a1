// @ts-check

/*
 * Fates by gateway epoch (ADR 0033): what became of the events that one life of
 * a gateway received in one bucket. What was sealed before keeps one row for all
 * gateways of a bucket.
 */

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.up = async function up(knex) {
  await knex.schema.raw(`
    ALTER TABLE partition_fates
      ADD COLUMN gateway text NOT NULL DEFAULT '',
      ADD COLUMN epoch text NOT NULL DEFAULT '',
      ADD CONSTRAINT partition_fates_gateway_has_epoch CHECK (
        (gateway = '') = (epoch = '')
      ),
      DROP CONSTRAINT partition_fates_pkey,
      ADD CONSTRAINT partition_fates_pkey PRIMARY KEY
        (event_type, receive_start, gateway, epoch, partition_id);
    COMMENT ON TABLE partition_fates IS
      'What became of the events of each receive bucket and gateway epoch in a partition, with the multiset hash of their keys. A duplicate is one of the gateway whose copy was removed. It counts once the partition is sealed.';
    COMMENT ON COLUMN partition_fates.gateway IS
      'Empty: of all gateways together, in a partition sealed by a version that did not keep them apart.';
  `);
};

/**
 * @param {import('knex').Knex} knex
 * @returns {Promise<void>}
 */
exports.down = async function down(knex) {
  await knex.schema.raw(`
    CREATE TEMP TABLE fates_of_buckets ON COMMIT DROP AS
    SELECT partition_id, event_type, receive_start,
      sum(accepted) AS accepted, sum(delivered) AS delivered,
      sum(duplicates) AS duplicates, sum(refused) AS refused,
      mod(sum(accepted_sum), 18446744073709551616) AS accepted_sum,
      mod(sum(delivered_sum), 18446744073709551616) AS delivered_sum,
      mod(sum(duplicates_sum), 18446744073709551616) AS duplicates_sum,
      mod(sum(refused_sum), 18446744073709551616) AS refused_sum
    FROM partition_fates GROUP BY partition_id, event_type, receive_start;
    DELETE FROM partition_fates;
    ALTER TABLE partition_fates
      DROP CONSTRAINT partition_fates_pkey,
      DROP CONSTRAINT partition_fates_gateway_has_epoch,
      DROP COLUMN gateway,
      DROP COLUMN epoch,
      ADD CONSTRAINT partition_fates_pkey PRIMARY KEY
        (event_type, receive_start, partition_id);
    INSERT INTO partition_fates (partition_id, event_type, receive_start,
      accepted, delivered, duplicates, refused, accepted_sum, delivered_sum,
      duplicates_sum, refused_sum)
    SELECT * FROM fates_of_buckets;
    COMMENT ON TABLE partition_fates IS
      'What became of the events of each receive bucket in a partition, with the multiset hash of their keys. It counts once the partition is sealed.';
  `);
};
