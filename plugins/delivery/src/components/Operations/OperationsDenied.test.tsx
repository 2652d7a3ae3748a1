import { screen } from '@testing-library/react';
import { renderPage } from './__testUtils__/operationsPage';

describe('OperationsPage for who may not look', () => {
  it('explains itself to who may not look at all', async () => {
    renderPage({}, { denied: ['delivery.status.read'] });
    expect(
      await screen.findByText('You may not see how delivery is run'),
    ).toBeInTheDocument();
  });
});
