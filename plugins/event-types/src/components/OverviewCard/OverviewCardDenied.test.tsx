import { configure, screen } from '@testing-library/react';
import { DENY } from '../RegisterForm/__testUtils__/deny';
import { PUSH, factOf, renderCard } from './__testUtils__/renderCard';

configure({ asyncUtilTimeout: 10_000 });

// In a file of its own: decisions are remembered between the tests of a file.
describe('OverviewCard, for who may only read', () => {
  it('offers no change to who may only read, and asks for nothing they may not have', async () => {
    const api = renderCard(PUSH, { authorize: DENY });
    expect(await factOf('Retention class')).toHaveTextContent('short');
    expect(
      screen.queryByRole('link', { name: /Edit/ }),
    ).not.toBeInTheDocument();
    expect(api.calls.map(({ call }) => call)).toEqual([
      'GET /event-types/push',
    ]);
  });
});
