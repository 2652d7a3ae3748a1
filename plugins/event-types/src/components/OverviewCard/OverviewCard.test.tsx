import { configure, screen } from '@testing-library/react';
import { PUSH, factOf, renderCard } from './__testUtils__/renderCard';

configure({ asyncUtilTimeout: 10_000 });

describe('OverviewCard', () => {
  it('says how long it is kept, how much is expected, and what fields hold', async () => {
    renderCard(PUSH);
    expect(await screen.findByText(/30 days \(30 days\)/)).toBeInTheDocument();
    expect(await factOf('Expected volume')).toHaveTextContent(
      '200,000 events per day',
    );
    expect(await factOf('Tags')).toHaveTextContent('git, <b>');
    expect(
      screen.getByRole('row', { name: /field_0 string required email/ }),
    ).toBeInTheDocument();
    // A page of fields is for the Schema tab.
    expect(
      screen.getByRole('table', { name: /The first 12 of 20 fields/ }),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Edit push' })).toHaveAttribute(
      'href',
      '/event-types/push/edit',
    );
  });

  it('names the default class, and says when nothing was said', async () => {
    renderCard({
      ...PUSH,
      retention: undefined,
      expectedEventsPerDay: undefined,
    });
    expect(
      await screen.findByText('13 months (396 days), the default'),
    ).toBeInTheDocument();
    expect(await factOf('Expected volume')).toHaveTextContent('Not said');
  });

  it('sends who wants to change what a repository owns to its file', async () => {
    renderCard({
      ...PUSH,
      origin: 'catalog',
      location: 'url:https://code.example/push.yaml',
    });
    expect(
      await screen.findByText('It is changed in its file.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: /code\.example/ })).toHaveAttribute(
      'href',
      'https://code.example/push.yaml',
    );
    expect(
      screen.queryByRole('link', { name: /Edit/ }),
    ).not.toBeInTheDocument();
  });
});
