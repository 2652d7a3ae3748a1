import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  LifecycleService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { Knex } from 'knex';
import type { SchemaCompiler } from '../compiling';
import {
  REGISTRY_PATH,
  SchemaNumbers,
  SchemaRegistry,
  createRegistryRouter,
  readNewSubjectRulesFromConfig,
} from '../confluent';
import {
  ContractReader,
  Contracts,
  createContractRouter,
  readDeliveryFactsFromConfig,
} from '../contracts';
import type { EventTypeEvolver } from '../evolution';
import type { AuthorizedEventTypeRegistry } from '../registry';

/**
 * Mounts what speaks of event types in the words of others: the schema registry
 * protocol and data contracts. They read bodies by themselves, so this comes
 * before the routes that read JSON.
 *
 * @throws InputError when the configuration of either is wrong
 */
export function createProtocolRouter(options: {
  auditor: AuditorService;
  auth: AuthService;
  compiler: SchemaCompiler;
  config: Config;
  db: Knex;
  /** The authorized one. */
  evolver: EventTypeEvolver;
  httpAuth: HttpAuthService;
  lifecycle: LifecycleService;
  logger: LoggerService;
  registry: AuthorizedEventTypeRegistry;
}): Router {
  const { auditor, auth, config, db, httpAuth, lifecycle, logger, registry } =
    options;
  const schemas = new SchemaRegistry({
    ...options,
    newSubjects: readNewSubjectRulesFromConfig(config),
    numbers: new SchemaNumbers({ db }),
  });
  const reader = new ContractReader({ logger });
  lifecycle.addShutdownHook(() => reader.stop());
  const contracts = new Contracts({
    auth,
    db,
    facts: readDeliveryFactsFromConfig(config),
    reader,
    registry,
  });
  const router = PromiseRouter();
  router.use(
    REGISTRY_PATH,
    createRegistryRouter({ auditor, auth, httpAuth, logger, schemas }),
  );
  router.use(createContractRouter({ auditor, contracts, httpAuth }));
  return router;
}
