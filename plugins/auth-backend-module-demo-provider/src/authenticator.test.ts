import { mockServices } from '@backstage/backend-test-utils';
import { readIdentitiesFromConfig } from './authenticator';

function read(identities: string[]) {
  return readIdentitiesFromConfig(
    mockServices.rootConfig({ data: { identities: identities } }),
  );
}

describe('readIdentitiesFromConfig', () => {
  it('reads users in canonical form', () => {
    expect(read(['user:default/owner', 'User:default/Developer'])).toEqual([
      'user:default/owner',
      'user:default/developer',
    ]);
  });

  it.each([[[]], [['group:default/webhooks']], [['owner']]])(
    'refuses %j',
    identities => {
      expect(() => read(identities)).toThrow(
        /auth\.providers\.demo\.identities, expected/,
      );
    },
  );
});
