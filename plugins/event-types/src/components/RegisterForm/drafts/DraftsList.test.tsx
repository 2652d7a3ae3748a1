import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DraftsList } from './DraftsList';

const DRAFTS = Array.from({ length: 7 }, (_, index) => ({
  id: `draft-${index}`,
  revision: 1,
  ...(index > 0 && { title: `shop.event_${index}` }),
  createdAt: '2026-11-20T10:00:00.000Z',
  updatedAt: '2026-11-21T10:00:00.000Z',
  expiresAt: '2026-12-21T10:00:00.000Z',
}));

function show(props: Partial<Parameters<typeof DraftsList>[0]>) {
  const onDiscard = jest.fn(async () => {});
  const onRetry = jest.fn();
  renderInTestApp(
    <DraftsList
      drafts={DRAFTS}
      hrefOf={id => `/register?draft=${id}`}
      onDiscard={onDiscard}
      onRetry={onRetry}
      {...props}
    />,
  );
  return { onDiscard, onRetry };
}

describe('DraftsList', () => {
  it('shows the newest, leads to each, and shows all when asked to', async () => {
    show({});
    const list = await screen.findByRole('table', { name: /7 drafts/ });
    expect(within(list).getAllByRole('rowheader')).toHaveLength(5);
    expect(
      within(list).getByRole('link', { name: 'Without a name yet' }),
    ).toHaveAttribute('href', '/register?draft=draft-0');
    expect(within(list).getAllByText('2026-12-21 10:00:00 UTC')).toHaveLength(
      5,
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Show all 7 drafts' }),
    );
    expect(within(list).getAllByRole('rowheader')).toHaveLength(7);
  });

  it('discards one after a question, and says so when that fails', async () => {
    const { onDiscard } = show({});
    onDiscard.mockRejectedValueOnce(new Error('The backend is away'));
    await userEvent.click(
      await screen.findByRole('button', { name: 'Discard shop.event_2' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('Discard the draft shop.event_2?');
    const confirm = within(dialog).getByRole('button', {
      name: 'Discard the draft',
    });
    await userEvent.click(confirm);
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'The backend is away',
    );
    await userEvent.click(confirm);
    expect(onDiscard.mock.calls).toEqual([['draft-2'], ['draft-2']]);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('takes no room when there are none, and says when they cannot be told', async () => {
    const { onRetry } = show({ drafts: [], error: new Error('No answer') });
    expect(
      await screen.findByText('Your drafts could not be loaded.'),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(onRetry).toHaveBeenCalled();
    expect(
      screen.queryByRole('region', { name: 'Your drafts' }),
    ).not.toBeInTheDocument();
  });
});
