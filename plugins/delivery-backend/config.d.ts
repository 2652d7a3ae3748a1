import type { HumanDuration } from '@backstage/types';

export interface Config {
  /** The event delivery system underneath the portal. */
  delivery?: {
    /**
     * `embedded`: this backend starts and supervises broker, gateway and worker
     * as child processes. `external`: they run elsewhere, and this backend
     * drives them through the ledger.
     */
    mode: 'embedded' | 'external';

    /**
     * Length of a partition: an ISO 8601 duration that divides one hour evenly,
     * such as `PT1H` (the default) or `PT1M`.
     */
    bucket?: string;

    /**
     * Per tier, the lateness up to which a partition is on time: what the
     * overview judges by, and from when work of a lower tier is no longer passed
     * over. Durations such as `PT15M`. By default a quarter of the bucket, one
     * bucket and four, but at least 30 s, 1 min and 5 min. In external mode, set
     * them at the workers too.
     */
    lateness?: {
      critical?: string | HumanDuration;
      normal?: string | HumanDuration;
      low?: string | HumanDuration;
    };

    /**
     * The Google Cloud project of topics and subscriptions; any name with the
     * local broker. Defaults to `millrace`.
     */
    projectId?: string;

    broker?: {
      /**
       * `host:port` of the local broker. Required in embedded mode. Leave it
       * out to use Google Cloud Pub/Sub.
       */
      address?: string;
      /**
       * How long a topic or subscription of this installation that belongs to no
       * event type is only listed, before it is deleted. Defaults to 7 days.
       */
      orphanGrace?: string | HumanDuration;
    };

    gateway: {
      /** Where producers reach the gateway, as told to people. */
      url: string;
      /**
       * Port the embedded gateway listens on. Defaults to the port of `url`.
       */
      port?: number;
      /**
       * What the embedded gateway lets through. What is left out has the
       * gateway's default; docs/operations.md lists them. In external mode, set
       * them at the gateways.
       */
      limits?: {
        /** Of one server key. Default: none. */
        serverEventsPerSecond?: number;
        /** Of one server key. Default: none. */
        serverBytesPerSecond?: number;
        /** Of one browser key. */
        browserEventsPerSecond?: number;
        /** Of one browser key. */
        browserBytesPerSecond?: number;
        /** Of one address with one browser key. */
        browserEventsPerSecondPerAddress?: number;
        /** Whatever the key. Default: none. */
        requestsPerSecondPerAddress?: number;
        /** Requests without a good write key. */
        failedAuthenticationsPerSecondPerAddress?: number;
        /** How many seconds of a rate may come at once. */
        burstSeconds?: number;
        /** Proxies in front whose `X-Forwarded-For` is trusted. Default 0. */
        trustedProxyHops?: number;
      };
    };

    ledger: {
      /**
       * Postgres connection string of the ledger, a database of its own.
       *
       * @visibility secret
       */
      connection: string;
    };

    lake: {
      /**
       * Where the lake is: a folder, or a bucket of Google Cloud Storage as
       * `gs://bucket/prefix`, which is used with the credentials of the machine
       * (Application Default Credentials).
       */
      root: string;
    };

    manifestSigning?: {
      /**
       * Ed25519 private key in PEM that signs manifests. Without it one is made
       * and kept in `dataDir`. Give it when several portals run.
       *
       * @visibility secret
       */
      privateKey?: string;
      /** Public keys in PEM of keys that have signed and sign no more. */
      formerPublicKeys?: string[];
    };

    sinks?: {
      /**
       * Loads each sealed partition into a table per event type too. Needs a
       * lake in Cloud Storage and a bucket of `PT1H`. Default: off. In external
       * mode, set it at the workers.
       */
      bigQuery?: {
        /** An existing data set: `events`, or `my-project.events`. */
        dataset: string;
        /** Of the data set, such as `EU`. */
        location: string;
      };
      /**
       * Writes each sealed partition as Avro object container files too.
       * Default: off. In external mode, set it at the workers.
       */
      avro?: {
        /** A folder, or `gs://bucket/prefix`; not the lake. */
        root: string;
        /** Of these event types only. Default: of all. */
        eventTypes?: string[];
      };
    };

    refusedEvents?: {
      /**
       * How many days a refused event is kept after it was refused last.
       * Defaults to 30. In external mode, set it at the workers.
       */
      retentionDays?: number;
    };

    /** The independent auditor, which compares the lake with what was sealed. */
    audit?: {
      /**
       * Days within which every live partition is audited again. Defaults to 7.
       * In external mode set it at the workers as well.
       */
      cycleDays?: number;
      /**
       * What an embedded worker's auditor may read, in MiB a second. Defaults to
       * 32. In external mode, set it at the workers.
       */
      readMebibytesPerSecond?: number;
    };

    staging?: {
      /** A durable folder for staged files. Required in embedded mode. */
      dir?: string;
      /**
       * How many hours staged files stay after they were sealed, so that a
       * partition can be made again from them. Defaults to 48; at most 720. In
       * external mode, set it at the workers.
       */
      retentionHours?: number;
      /**
       * How many bytes of staged files stay after they were sealed, of all event
       * types together. Defaults to 10 GiB. In external mode, set it at the
       * workers.
       */
      maxSealedBytes?: number;
    };

    /**
     * Folder of all state on this machine. Required in embedded mode; the key
     * that signs manifests is kept there in both modes.
     */
    dataDir?: string;

    embedded?: {
      /**
       * The program that runs a role, and its first arguments; the name of the
       * role is appended. Required in embedded mode.
       */
      command?: string[];
    };
  };
}
