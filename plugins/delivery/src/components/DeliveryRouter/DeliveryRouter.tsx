import { BreadcrumbEntry } from '@backstage/frontend-plugin-api';
import { Route, Routes } from 'react-router-dom';
import { AuditPage } from '../Audit';
import { DeliveryOverview } from '../DeliveryOverview';
import { OperationsPage } from '../Operations';
import { RefusedPage } from '../RefusedEvents';
import { RolloutsPage } from '../Rollouts';
import { WriteKeysPage } from '../WriteKeys';

/** The pages under `/delivery`. */
export function DeliveryRouter() {
  return (
    <Routes>
      <Route index element={<DeliveryOverview />} />
      <Route
        path="audit"
        element={
          <BreadcrumbEntry entry={{ label: 'Audit', href: 'audit' }}>
            <AuditPage />
          </BreadcrumbEntry>
        }
      />
      <Route
        path="operations"
        element={
          <BreadcrumbEntry entry={{ label: 'Operations', href: 'operations' }}>
            <OperationsPage />
          </BreadcrumbEntry>
        }
      />
      <Route
        path="refused"
        element={
          <BreadcrumbEntry entry={{ label: 'Refused events', href: 'refused' }}>
            <RefusedPage />
          </BreadcrumbEntry>
        }
      />
      <Route
        path="rollouts"
        element={
          <BreadcrumbEntry entry={{ label: 'Rollouts', href: 'rollouts' }}>
            <RolloutsPage />
          </BreadcrumbEntry>
        }
      />
      <Route
        path="write-keys"
        element={
          <BreadcrumbEntry entry={{ label: 'Write keys', href: 'write-keys' }}>
            <WriteKeysPage />
          </BreadcrumbEntry>
        }
      />
    </Routes>
  );
}
