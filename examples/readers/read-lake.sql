-- Reads a dataset straight from the lake, with DuckDB and nothing else: the
-- newest revision of each bucket, and only files that are what their manifests
-- say. It does not ask whether a manifest is signed; readBucket.mts does.
--
--   duckdb -cmd "SET VARIABLE lake = '.millrace/lake';
--                SET VARIABLE dataset = 'github.push'" < read-lake.sql
--
-- With a lake in Cloud Storage, load the extension httpfs, make a secret of type
-- gcs, and set the variable lake to 'gs://bucket/prefix'.

-- What is sealed is what manifests name: files beside them do not exist.
CREATE OR REPLACE TEMP TABLE sealed_file AS
WITH manifest AS (
  SELECT
    parse_dirpath(filename) AS folder, bucket.start AS bucket_start, revision,
    files
  FROM read_json(
    getvariable('lake') || '/' || getvariable('dataset') || '/**/manifest.json',
    filename = true,
    columns = {
      bucket: 'STRUCT("start" TIMESTAMPTZ)',
      revision: 'INTEGER',
      files: 'STRUCT(name VARCHAR, rows BIGINT, bytes BIGINT, sha256 VARCHAR)[]'
    }
  )
),
newest AS (
  SELECT * FROM manifest
  QUALIFY revision = max(revision) OVER (PARTITION BY bucket_start)
)
SELECT bucket_start, revision, folder || '/' || file.name AS path, file.rows,
  file.sha256
FROM newest, unnest(files) AS f (file);

SET VARIABLE files = (SELECT list(path ORDER BY bucket_start, path) FROM sealed_file);

-- Fails when a file has been changed, cut short or exchanged.
SELECT CASE
  WHEN sha256(content) = sealed_file.sha256 THEN 'as sealed'
  ELSE error(sealed_file.path || ' is not the file that was sealed')
END AS state, sealed_file.path
FROM read_blob(getvariable('files')) AS b
JOIN sealed_file ON sealed_file.path = b.filename;

-- The rows, whatever versions of the schema they were sealed under.
CREATE OR REPLACE TEMP VIEW dataset AS
FROM read_parquet(
  getvariable('files'), union_by_name = true, hive_partitioning = false
);

SELECT date_trunc('hour', _received_at) AS hour, count(*) AS events
FROM dataset GROUP BY ALL ORDER BY hour;
