import { createExtensionTester } from '@backstage/frontend-test-utils';
import { SearchResultListItemBlueprint } from '@backstage/plugin-search-react/alpha';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { eventTypeSearchResult } from '../../plugin';
import { EventTypeSearchResult } from './EventTypeSearchResult';

const document = {
  title: 'shop.order_placed',
  text: 'words',
  location: '/catalog/default/eventtype/shop.order_placed',
  description: '<b>An order</b>',
  owner: 'group:default/shop',
  tier: 'critical',
  state: 'deprecated',
  version: 2,
  fieldCount: 3,
  semanticTypes: ['email', 'none'],
  tags: [],
};

describe('EventTypeSearchResult', () => {
  it('names the event type, whose it is and what it holds, and leads to it', async () => {
    renderInTestApp(<EventTypeSearchResult result={document} />);
    expect(
      await screen.findByRole('link', { name: 'shop.order_placed' }),
    ).toHaveAttribute('href', document.location);
    expect(
      screen.getByText('Event type of shop, 3 fields'),
    ).toBeInTheDocument();
    expect(screen.getByText('<b>An order</b>')).toBeInTheDocument();
    expect(screen.getByText('critical')).toBeInTheDocument();
    expect(screen.getByText('deprecated')).toBeInTheDocument();
    expect(screen.getByText('email')).toBeInTheDocument();
    expect(screen.queryByText('none')).not.toBeInTheDocument();
  });

  it('shows what it can of a document of another release', async () => {
    const { title, text, location } = document;
    renderInTestApp(
      <EventTypeSearchResult result={{ title, text, location }} />,
    );
    expect(
      await screen.findByRole('link', { name: 'shop.order_placed' }),
    ).toBeInTheDocument();
  });

  it('is for event types and for nothing else', () => {
    const { predicate } = createExtensionTester(eventTypeSearchResult).get(
      SearchResultListItemBlueprint.dataRefs.item,
    );
    expect(predicate?.({ type: 'event-type', document })).toBe(true);
    expect(predicate?.({ type: 'software-catalog', document })).toBe(false);
  });
});
