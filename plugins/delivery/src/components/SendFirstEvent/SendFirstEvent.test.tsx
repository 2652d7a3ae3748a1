import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { backends, row, status } from '../../__testUtils__/estate';
import { exampleData } from './exampleData';
import { randomUuid } from './randomUuid';
import { missingForSegment } from './segmentShape';
import { SendFirstEvent } from './SendFirstEvent';
import {
  SNIPPETS,
  browserSnippet,
  curlSnippet,
  segmentSnippet,
} from './snippets';

// Highlighting code takes its time on a machine that does much else.
jest.setTimeout(30_000);

const SCHEMA = {
  type: 'record',
  name: 'pushed',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'plus_one', jsonName: '+1', type: 'boolean' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    {
      name: 'previous',
      type: [
        'null',
        {
          type: 'record',
          name: 'commit',
          fields: [{ name: 'sha', type: 'string' }],
        },
      ],
    },
    { name: 'head', type: 'commit' },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    {
      name: 'visibility',
      type: { type: 'enum', name: 'v', symbols: ['public', 'private'] },
    },
  ],
};

describe('exampleData', () => {
  it('fills what is required, by the type of each field', () => {
    expect(exampleData(SCHEMA, new Date('2026-11-21T10:00:00Z'))).toEqual({
      id: 1,
      '+1': true,
      at: '2026-11-21T10:00:00.000Z',
      day: '2026-11-21',
      head: { sha: 'text' },
      tags: [],
      visibility: 'public',
    });
  });

  it('is empty without a schema', () => {
    expect(exampleData(undefined, new Date())).toEqual({});
  });
});

describe('randomUuid', () => {
  it('sets version and variant whatever chance gives', () => {
    expect(randomUuid(bytes => bytes.fill(0xff))).toBe(
      'ffffffff-ffff-4fff-bfff-ffffffffffff',
    );
    expect(randomUuid(bytes => bytes.fill(0))).toBe(
      '00000000-0000-4000-8000-000000000000',
    );
  });
});

describe('curlSnippet', () => {
  it('survives a quote in the data', () => {
    const snippet = curlSnippet({
      gatewayUrl: 'http://gateway',
      writeKey: 'key',
      eventType: 'a.b',
      eventId: 'id',
      data: { text: "it's" },
    });
    expect(snippet).toContain(`"text": "it'\\''s"`);
  });
});

describe('the other examples', () => {
  const options = {
    gatewayUrl: 'http://gateway',
    writeKey: 'key',
    eventType: 'a.b',
    eventId: 'id',
    data: { amount: 1 },
  };

  it('sends from a page what a browser may send without asking first', () => {
    const snippet = browserSnippet(options);
    expect(snippet).toContain(`http://gateway/v1/events?writeKey=key`);
    expect(snippet).toContain("'content-type': 'text/plain'");
    expect(snippet).toContain("type: 'a.b'");
  });

  it('names the event type to the mapping of borrowed clients', () => {
    expect(segmentSnippet(options)).toContain(
      "integrations: { Millrace: { eventType: 'a.b' } }",
    );
  });

  it.each(SNIPPETS)('holds a key of its kind: $title', ({ id, keyKind }) => {
    expect(keyKind).toBe(id === 'browser' ? 'browser' : 'server');
  });
});

describe('missingForSegment', () => {
  const shaped = (...names: string[]) => ({
    type: 'record',
    fields: names.map(name => ({ name, type: 'string' })),
  });

  it('names the fields for want of which all would be refused', () => {
    expect(missingForSegment(SCHEMA)).toEqual([
      'event',
      'userId',
      'properties',
      'context',
    ]);
    expect(missingForSegment(shaped('event', 'userId', 'properties'))).toEqual([
      'context',
    ]);
    expect(
      missingForSegment(shaped('event', 'userId', 'properties', 'context')),
    ).toEqual([]);
  });

  it('warns of nothing that is not known', () => {
    expect(missingForSegment(undefined)).toEqual([]);
    expect(missingForSegment('no schema')).toEqual([]);
  });

  it('has the properties of such a type in the example', () => {
    expect(
      segmentSnippet({
        gatewayUrl: 'http://gateway',
        writeKey: 'key',
        eventType: 'a.b',
        eventId: 'id',
        data: { event: 'Paid', properties: { amount: 1 } },
      }),
    ).toMatch(/properties: \{\s+"amount": 1\s+\}/);
  });
});

describe('SendFirstEvent', () => {
  it('creates a write key for the event type and puts it into the example', async () => {
    const created: unknown[] = [];
    const { fetchApi } = backends({
      'GET /delivery/status': () => status(),
      'GET /delivery/event-types/repository.pushed': () =>
        row('repository.pushed', { conditions: [] }),
      'GET /event-types/event-types/repository.pushed': () => ({
        schema: SCHEMA,
      }),
      'GET /delivery/event-types/repository.pushed/test-events': () => ({
        items: [],
      }),
      'POST /delivery/write-keys': ({ body }) => {
        created.push(body);
        return { keyId: 'k1', writeKey: 'mr_k1_secret_sum' };
      },
    });
    const { container } = renderInTestApp(
      <EntityProvider
        entity={{
          apiVersion: 'millrace.io/v1alpha1',
          kind: 'EventType',
          metadata: { name: 'repository.pushed', namespace: 'default' },
          spec: {},
        }}
      >
        <SendFirstEvent />
      </EntityProvider>,
      {
        apis: [
          [deliveryApiRef, new DeliveryClient({ fetchApi })],
          fetchApi,
          mockApis.permission(),
        ],
        mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
      },
    );
    expect(
      await screen.findByRole('heading', { name: 'Send your first event' }),
    ).toBeInTheDocument();
    await screen.findByRole('tab', { name: 'curl' });
    // The highlighter of code is loaded on demand.
    await waitFor(() =>
      expect(container).toHaveTextContent('Bearer YOUR_WRITE_KEY'),
    );
    expect(container).toHaveTextContent('http://127.0.0.1:7008/v1/events');

    await userEvent.click(
      screen.getByRole('button', { name: 'Create a write key' }),
    );
    expect(await screen.findByText(/shown this one time/)).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: 'Copy the write key' }),
    ).toHaveFocus();
    expect(container).toHaveTextContent('Bearer mr_k1_secret_sum');
    expect(created).toEqual([
      {
        name: 'First events of repository.pushed',
        producer: 'first-events/repository.pushed',
        kind: 'server',
        eventTypes: ['repository.pushed'],
      },
    ]);

    await userEvent.click(screen.getByRole('tab', { name: 'Segment client' }));
    expect(
      await screen.findByText(/no field event, userId, properties, context/),
    ).toBeInTheDocument();

    // A page gets a key of its own: that of a server is a secret.
    await userEvent.click(screen.getByRole('tab', { name: 'Browser' }));
    await waitFor(() =>
      expect(container).toHaveTextContent('writeKey=YOUR_BROWSER_KEY'),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Create a browser key' }),
    );
    await waitFor(() => expect(created).toHaveLength(2));
    expect(created[1]).toMatchObject({ kind: 'browser' });
  });
});
