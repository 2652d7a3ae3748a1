import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import {
  type ContractCheck,
  type ContractReport,
  eventTypeReadPermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import type { Request } from 'express';
import { audited } from '../service/audited';
import { parsePathName } from '../service/request';
import {
  YAML_TYPE,
  type YamlRoute,
  createWithCredentials,
  readYamlBody,
  yamlBodyOf,
} from '../service/yamlRoutes';
import type { Contracts } from './Contracts';
import { MAX_CONTRACT_BYTES } from './reading/readYaml';
import { writeYaml } from './writeYaml';

/** What the routes need. */
export interface ContractRouteOptions {
  auditor: AuditorService;
  contracts: Contracts;
  httpAuth: HttpAuthService;
}

const CONTRACT_PATH = '/event-types/:name/contract';

/**
 * The routes of contracts (Open Data Contract Standard).
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /event-types/:name/contract` | version 3.1.0 as YAML; `?format=json`, or by `Accept` |
 * | `GET /event-types/:name/contract/report` | where it comes from, what it says otherwise than what is registered, what is measured |
 * | `POST /event-types/:name/contract/check` | what importing the body would report; keeps nothing |
 * | `PUT /event-types/:name/contract` | keeps the body; 201 for the first one, with the report |
 * | `DELETE /event-types/:name/contract` | 204; the generated contract takes its place |
 *
 * With `?source=generated` both `GET` answer as if none had been imported.
 *
 * Bodies are YAML or JSON of version 3.0.0 to 3.1.0. A contract that cannot be
 * read answers 400, one that contradicts the registered schema 409, each with
 * `error.problems`: `{ code, severity, pointer, line, message }`. Keeping and
 * forgetting are idempotent but for the second `DELETE`, which answers 404, and
 * are audited whether they succeed or not.
 */
export function createContractRoutes(
  options: ContractRouteOptions,
): YamlRoute[] {
  const { auditor, contracts, httpAuth } = options;

  const withCredentials = createWithCredentials(httpAuth);
  const readText = readYamlBody(MAX_CONTRACT_BYTES);

  return [
    {
      method: 'get',
      path: CONTRACT_PATH,
      permission: eventTypeReadPermission,
      handlers: [
        withCredentials(async (req, res, asCaller) => {
          const name = parsePathName(req.params.name);
          const format = parseFormat(req);
          const { document, serviceLevels } = await contracts.export(
            { name, asGenerated: isGeneratedWanted(req) },
            asCaller,
          );
          res.setHeader('X-Content-Type-Options', 'nosniff');
          if (format === 'json') {
            res.json(document);
          } else {
            res.setHeader(
              'Content-Disposition',
              `inline; filename="${name}.odcs.yaml"`,
            );
            res.type(YAML_TYPE).send(writeYaml(document, serviceLevels));
          }
        }),
      ],
    },
    {
      method: 'get',
      path: `${CONTRACT_PATH}/report`,
      permission: eventTypeReadPermission,
      handlers: [
        withCredentials(async (req, res, asCaller) => {
          const name = parsePathName(req.params.name);
          const { document: _, ...report } = await contracts.export(
            { name, asGenerated: isGeneratedWanted(req) },
            asCaller,
          );
          const answer: ContractReport = report;
          res.json(answer);
        }),
      ],
    },
    {
      method: 'post',
      path: `${CONTRACT_PATH}/check`,
      permission: eventTypeUpdatePermission,
      handlers: [
        readText,
        withCredentials(async (req, res, asCaller) => {
          const name = parsePathName(req.params.name);
          const { document, findings, serviceLevels } = await contracts.check(
            { name, text: yamlBodyOf(req, 'contract') },
            asCaller,
          );
          const answer: ContractCheck = {
            isKept: document !== undefined,
            findings,
            serviceLevels,
          };
          res.json(answer);
        }),
      ],
    },
    {
      method: 'put',
      path: CONTRACT_PATH,
      permission: eventTypeUpdatePermission,
      handlers: [
        readText,
        withCredentials(async (req, res, asCaller) => {
          const name = parsePathName(req.params.name);
          const { isFirst, findings, serviceLevels } = await audited(
            {
              auditor,
              request: req,
              actionType: 'update',
              eventType: name,
              aspect: 'contract',
            },
            async () => {
              const result = await contracts.import(
                { name, text: yamlBodyOf(req, 'contract') },
                asCaller,
              );
              return { result, meta: { outcome: 'imported' } };
            },
          );
          const answer: ContractCheck = {
            isKept: true,
            findings,
            serviceLevels,
          };
          res.status(isFirst ? 201 : 200).json(answer);
        }),
      ],
    },
    {
      method: 'delete',
      path: CONTRACT_PATH,
      permission: eventTypeUpdatePermission,
      handlers: [
        withCredentials(async (req, res, asCaller) => {
          const name = parsePathName(req.params.name);
          await audited(
            {
              auditor,
              request: req,
              actionType: 'update',
              eventType: name,
              aspect: 'contract',
            },
            async () => {
              await contracts.forget({ name }, asCaller);
              return {
                result: undefined,
                meta: { outcome: 'forgotten' },
              };
            },
          );
          res.status(204).end();
        }),
      ],
    },
  ];
}

function parseFormat(req: Request): 'yaml' | 'json' {
  const { format } = req.query;
  if (format === 'yaml' || format === 'json') {
    return format;
  }
  if (format !== undefined) {
    throw new InputError("The query parameter format must be 'yaml' or 'json'");
  }
  return req.accepts([YAML_TYPE, 'application/json']) === 'application/json'
    ? 'json'
    : 'yaml';
}

function isGeneratedWanted(req: Request): boolean {
  const { source } = req.query;
  if (source !== undefined && source !== 'generated') {
    throw new InputError("The query parameter source must be 'generated'");
  }
  return source === 'generated';
}
