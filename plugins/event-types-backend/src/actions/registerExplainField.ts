import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { NotFoundError } from '@backstage/errors';
import type { FieldCriteria } from '@millrace/plugin-event-types-common';
import { SEMANTIC_TYPES } from '@millrace/schema';
import { parsePathName } from '../service/request';
import { shorten } from './shorten';
import type { ActionOptions } from './types';

const MAX_DOC_LENGTH = 2000;
const MAX_ALIKE = 5;

/** Registers `explain-field`: what one field of an event type is. */
export function registerExplainField(
  actions: ActionsRegistryService,
  { finder, registry }: Pick<ActionOptions, 'finder' | 'registry'>,
): void {
  async function findFields(
    criteria: FieldCriteria,
    limit: number,
    credentials: BackstageCredentials,
  ) {
    const { items } = await finder.findFields(
      {
        criteria,
        page: {
          limit,
          sort: 'event-type',
          isDescending: false,
          isBackwards: false,
        },
      },
      { credentials },
    );
    return items;
  }

  actions.register({
    name: 'explain-field',
    title: 'Explain a field of an event type',
    description:
      'Says what a field of the newest version of an event type is: its type, whether it is required, what it holds about a person (semantic type), its description, and since which version it is there. Paths are dotted, with [] behind a list and {} behind a map, such as buyer.emails[].domain. Which events are refused at a field, the action why-are-events-refused says. It reads what you may read and changes nothing.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          eventType: z.string().max(63).describe('Such as shop.order_placed'),
          path: z.string().max(1000).describe('Such as buyer.email'),
        }),
      output: z =>
        z.object({
          answer: z.string(),
          eventType: z.string(),
          owner: z.string(),
          version: z.number(),
          path: z.string(),
          type: z.string(),
          required: z.boolean(),
          description: z.string().optional(),
          sinceVersion: z.number(),
          semanticType: z
            .object({
              id: z.string(),
              title: z.string(),
              description: z.string(),
              isPersonal: z.boolean(),
            })
            .optional(),
        }),
    },
    async action({ input, credentials }) {
      const eventType = await registry.get(
        { name: parsePathName(input.eventType) },
        { credentials },
      );
      const { name, version, owner } = eventType;
      const eventTypes = [name];
      const path = input.path.replaceAll('\0', '');
      const [field] = await findFields(
        { eventTypes, paths: [path] },
        1,
        credentials,
      );
      if (!field) {
        const word =
          path
            .split('.')
            .at(-1)
            ?.replace(/[[\]{}]/g, '') ?? path;
        const alike = await findFields(
          { eventTypes, text: word },
          MAX_ALIKE,
          credentials,
        );
        throw new NotFoundError(
          `Version ${version} of '${name}' has no field '${path}'${
            alike.length
              ? `; it has ${alike.map(each => `'${each.path}'`).join(', ')}`
              : ''
          }`,
        );
      }
      const meaning = SEMANTIC_TYPES.find(
        ({ id }) => id === field.semanticType,
      );
      return {
        output: {
          answer: `'${field.path}' of '${name}' is a ${
            field.required ? 'required' : 'optional'
          } ${field.type}, there since version ${
            field.sinceVersion
          }. ${describeMeaning(field.semanticType, meaning)}`,
          eventType: name,
          owner,
          version,
          path: field.path,
          type: field.type,
          required: field.required,
          description: field.doc && shorten(field.doc, MAX_DOC_LENGTH),
          sinceVersion: field.sinceVersion,
          semanticType: meaning && {
            id: meaning.id,
            title: meaning.title,
            description: meaning.description,
            isPersonal: meaning.isPersonal,
          },
        },
      };
    },
  });
}

function describeMeaning(
  id: string | undefined,
  meaning: { title: string } | undefined,
): string {
  if (id === undefined) {
    return 'Nobody has said what it holds about a person.';
  }
  return id === 'none'
    ? 'It holds nothing about a person.'
    : `It holds: ${meaning?.title ?? id}.`;
}
