import { mockServices } from '@backstage/backend-test-utils';
import { readPlatformTeamFromConfig } from './config';

function read(platformTeam?: string) {
  return readPlatformTeamFromConfig(
    mockServices.rootConfig({
      data: { permission: { dataPlatform: { platformTeam } } },
    }),
  );
}

describe('readPlatformTeamFromConfig', () => {
  it('reads the group in canonical form', () => {
    expect(read('group:default/platform-team')).toBe(
      'group:default/platform-team',
    );
    expect(read('Group:Default/Platform-Team')).toBe(
      'group:default/platform-team',
    );
    expect(read(undefined)).toBeUndefined();
  });

  it.each(['platform-team', 'user:default/admin', 'group:', 'group:a/b/c'])(
    'refuses %s with the right form',
    ref => {
      expect(() => read(ref)).toThrow(/group:default\/platform-team/);
    },
  );
});
