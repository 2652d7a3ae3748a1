import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { EventType } from '@millrace/plugin-event-types-common';
import { screen } from '@testing-library/react';
import { EventTypesClient, eventTypesApiRef } from '../../../api';
import { rootRouteRef } from '../../../routes';
import { backend } from '../../RegisterForm/__testUtils__/backend';
import { OverviewCard } from '../OverviewCard';

const entityOf = (name: string): Entity => ({
  apiVersion: 'millrace.io/v1alpha1',
  kind: 'EventType',
  metadata: { name, namespace: 'default' },
});

export const PUSH: EventType = {
  name: 'push',
  owner: 'group:default/webhooks',
  tier: 'normal',
  retention: 'short',
  expectedEventsPerDay: 200_000,
  tags: ['git', '<b>'],
  version: 1,
  generation: 1,
  origin: 'portal',
  schema: {},
  fields: Array.from({ length: 20 }, (_, index) => ({
    path: `field_${index}`,
    type: 'string',
    required: true,
    ...(index === 0 && { semanticType: 'email' }),
  })),
  createdAt: '2026-11-20T10:00:00.000Z',
  createdBy: 'user:default/owner',
  updatedAt: '2026-11-20T10:00:00.000Z',
  updatedBy: 'user:default/owner',
};

/** The card of an event type, and the calls it has made. */
export function renderCard(
  eventType: EventType,
  permission: Parameters<typeof mockApis.permission>[0] = {},
) {
  const api = backend({
    [`GET /event-types/${eventType.name}`]: () => eventType,
  });
  renderInTestApp(
    <EntityProvider entity={entityOf(eventType.name)}>
      <OverviewCard />
    </EntityProvider>,
    {
      apis: [
        [eventTypesApiRef, new EventTypesClient(api)],
        catalogApiMock(),
        mockApis.permission(permission),
      ],
      mountedRoutes: {
        '/event-types': rootRouteRef,
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
    },
  );
  return api;
}

/** What stands below a label. */
export const factOf = async (label: string) =>
  (await screen.findByText(label)).nextElementSibling;
