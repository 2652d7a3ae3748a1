export interface Config {
  permission?: {
    /** The default policy of a Millrace installation. */
    dataPlatform?: {
      /**
       * Entity reference of the group whose members run the platform: they may
       * do everything the policy knows. Without it nobody may.
       *
       * @example group:default/platform-team
       */
      platformTeam?: string;
    };
  };
}
