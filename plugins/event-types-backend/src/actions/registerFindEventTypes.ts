import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { parseFindEventTypes } from '../service/request';
import { shorten } from './shorten';
import type { ActionOptions } from './types';

const MAX_LIMIT = 20;
const DEFAULT_LIMIT = 10;
const MAX_DESCRIPTION_LENGTH = 300;

/** Registers `find-event-types`: the list of the portal, for agents. */
export function registerFindEventTypes(
  actions: ActionsRegistryService,
  { finder }: Pick<ActionOptions, 'finder'>,
): void {
  actions.register({
    name: 'find-event-types',
    title: 'Find event types',
    description: `Finds registered event types (named, versioned event schemas with an owner) by words, owner, tier, state of their declaration, or by what their fields hold. Answers at most ${MAX_LIMIT} at a time, with how many fit altogether; pass nextCursor as cursor for more. Use semanticType 'personal' for anything about a person. It reads what you may read and changes nothing.`,
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          text: z
            .string()
            .max(200)
            .optional()
            .describe(
              'Words that all have to occur in name, description, owner or tags',
            ),
          owner: z
            .string()
            .max(200)
            .optional()
            .describe('Entity reference, such as group:default/checkout'),
          tier: z.enum(['critical', 'normal', 'low']).optional(),
          state: z
            .enum([
              'retired',
              'withdrawn',
              'refused',
              'orphaned',
              'deprecated',
              'in-force',
            ])
            .optional(),
          semanticType: z
            .string()
            .max(200)
            .optional()
            .describe('What a field holds, such as email, person-id, personal'),
          isMine: z
            .boolean()
            .optional()
            .describe('Only what the caller owns, alone or with a group'),
          limit: z.number().int().min(1).max(MAX_LIMIT).optional(),
          cursor: z.string().max(16_384).optional(),
        }),
      output: z =>
        z.object({
          answer: z.string(),
          total: z.number(),
          nextCursor: z.string().optional(),
          items: z.array(
            z.object({
              name: z.string(),
              description: z.string().optional(),
              owner: z.string(),
              tier: z.string(),
              state: z.string(),
              version: z.number(),
              fieldCount: z.number(),
              semanticTypes: z.array(z.string()),
            }),
          ),
        }),
    },
    async action({ input, credentials }) {
      // By the rules of the route, so that both refuse the same.
      const { text, owner, tier, state, semanticType, isMine, cursor } = input;
      const page = await finder.findEventTypes(
        parseFindEventTypes({
          q: text,
          owner,
          tier,
          state,
          semanticType,
          mine: isMine ? 'true' : undefined,
          cursor,
          limit: String(input.limit ?? DEFAULT_LIMIT),
        }),
        { credentials },
      );
      return {
        output: {
          answer:
            page.total === page.items.length
              ? `${page.total} of the ${page.readable} event types you may read fit.`
              : `${page.total} of the ${page.readable} event types you may read fit; these are ${page.items.length} of them.`,
          total: page.total,
          nextCursor: page.nextCursor,
          items: page.items.map(item => ({
            name: item.name,
            description:
              item.description &&
              shorten(item.description, MAX_DESCRIPTION_LENGTH),
            owner: item.owner,
            tier: item.tier,
            state: item.state,
            version: item.version,
            fieldCount: item.fieldCount,
            semanticTypes: item.semanticTypes,
          })),
        },
      };
    },
  });
}
