import type { Config } from '@backstage/config';

/**
 * The group whose members run the platform, in canonical form, or undefined
 * when nobody does.
 */
export function readPlatformTeamFromConfig(config: Config): string | undefined {
  const key = 'permission.dataPlatform.platformTeam';
  const ref = config.getOptionalString(key)?.toLocaleLowerCase('en-US');
  if (ref !== undefined && !/^group:[^:/\s]+\/[^:/\s]+$/.test(ref)) {
    throw new Error(
      `Invalid ${key}, expected the full reference of a group such as 'group:default/platform-team', got '${ref}'`,
    );
  }
  return ref;
}
