import { createBackend } from '@backstage/backend-defaults';
import { searchModuleEventTypes } from '@millrace/plugin-event-types-backend';

const backend = createBackend();

// The built portal, served from the same address as its API
backend.add(import('@backstage/plugin-app-backend'));

// Sign-in
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@millrace/plugin-auth-backend-module-demo-provider'));

// Permissions: default deny
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('@millrace/plugin-permission-backend-module-data-platform'));

// Catalog, with the kinds EventType and DataEndpoint
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(import('@millrace/plugin-catalog-backend-module-data-platform'));

// Telling people, in the portal and at once
backend.add(import('@backstage/plugin-notifications-backend'));
backend.add(import('@backstage/plugin-signals-backend'));

// The data platform
backend.add(import('@millrace/plugin-event-types-backend'));
backend.add(import('@millrace/plugin-delivery-backend'));

// Searching, on Postgres: the catalog, and event types with their fields
backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-pg'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(searchModuleEventTypes);

// The actions of the plugins that app-config names, for agents
backend.add(import('@backstage/plugin-mcp-actions-backend'));

backend.start();
