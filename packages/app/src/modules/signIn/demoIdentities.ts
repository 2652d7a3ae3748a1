import type { ConfigApi } from '@backstage/frontend-plugin-api';

/** A person to sign in as, and what they may do. */
export interface DemoIdentity {
  /** User entity reference, such as `user:default/owner`. */
  ref: string;
  title: string;
  may: string[];
}

/** What the members of the demo estate may do, by the name of the user. */
const KNOWN: Record<string, Omit<DemoIdentity, 'ref'>> = {
  developer: {
    title: 'Developer',
    may: [
      'Register event types for the own team',
      'Create write keys and send events',
      'See how all event types are delivered',
    ],
  },
  owner: {
    title: 'Owner',
    may: [
      'Change the event types of the own team',
      'Read the rows of their sealed partitions',
      'See which of their events were refused, and why',
    ],
  },
  platform: {
    title: 'Platform team',
    may: [
      'See every refused event, of unknown types too',
      'Read all partitions and revoke any write key',
      'Change any event type',
    ],
  },
};

/** The identities of the config, or undefined when demo sign-in is off. */
export function readDemoIdentities(
  config: ConfigApi,
): DemoIdentity[] | undefined {
  return config
    .getOptionalStringArray('auth.providers.demo.identities')
    ?.map(ref => {
      const name = ref.split('/').pop() ?? ref;
      const known = KNOWN[name];
      return known
        ? { ref, ...known }
        : { ref, title: name, may: ['What the groups of this user may do'] };
    });
}
