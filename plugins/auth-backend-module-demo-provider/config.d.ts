export interface Config {
  auth?: {
    providers?: {
      /**
       * Sign-in without a password, as one of a few listed users. For
       * demonstrations on one machine: whoever reaches the portal can be any of
       * them. Leave it out to switch it off.
       */
      demo?: {
        /**
         * Entity references of the users to choose from. Each must exist in the
         * catalog.
         *
         * @visibility frontend
         * @example ["user:default/developer", "user:default/owner"]
         */
        identities: string[];
      };
    };
  };
}
