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
      /** Folder of the lake. */
      root: string;
    };

    refusedEvents?: {
      /**
       * How many days a refused event is kept after it was refused last.
       * Defaults to 30. In external mode, set it at the workers.
       */
      retentionDays?: number;
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

    /** Folder of all state on this machine. Required in embedded mode. */
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
