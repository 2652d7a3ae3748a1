export interface Config {
  auth?: {
    providers?: {
      demo?: {
        /**
         * The users that the sign-in page offers, as full entity references.
         * Declared here too because the built app only knows the settings of
         * packages it depends on, and it may not depend on a backend module.
         *
         * @visibility frontend
         */
        identities?: string[];
      };
    };
  };
}
