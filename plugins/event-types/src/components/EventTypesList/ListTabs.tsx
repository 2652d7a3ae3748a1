import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Tab, TabList, Tabs } from '@backstage/ui';
import { fieldsRouteRef, rootRouteRef } from '../../routes';

/** Between the event types and the fields that they have. */
export function ListTabs() {
  const eventTypes = useRouteRef(rootRouteRef);
  const fields = useRouteRef(fieldsRouteRef);
  return eventTypes && fields ? (
    <Tabs>
      <TabList aria-label="What is listed">
        <Tab id="event-types" href={eventTypes()} matchStrategy="exact">
          Event types
        </Tab>
        <Tab id="fields" href={fields()}>
          Fields
        </Tab>
      </TabList>
    </Tabs>
  ) : null;
}
