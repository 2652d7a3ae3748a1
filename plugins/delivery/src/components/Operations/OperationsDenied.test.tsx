import { configure, screen } from '@testing-library/react';
import { renderPage } from './__testUtils__/operationsPage';

// These pages are large, and a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);

describe('OperationsPage for who may not look', () => {
  it('explains itself to who may not look at all', async () => {
    renderPage({}, { denied: ['delivery.status.read'] });
    expect(
      await screen.findByText('You may not see how delivery is run'),
    ).toBeInTheDocument();
  });
});
