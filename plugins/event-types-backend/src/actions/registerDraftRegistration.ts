import { createHash } from 'node:crypto';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  type DeclarationDraft,
  eventTypeCreatePermission,
} from '@millrace/plugin-event-types-common';
import { summarizeFields } from '@millrace/schema';
import { DeclarationConflictError, InvalidDeclarationError } from '../errors';
import { audited } from '../service/audited';
import { parseDraft, parsePreview } from '../service/request';
import { shorten } from './shorten';
import type { ActionOptions } from './types';

const MAX_SAMPLES = 50;
const MAX_SAMPLES_BYTES = 256 * 1024;
const MAX_LISTED = 200;

/**
 * Registers `draft-registration`: an agent prepares what a person registers.
 *
 * Nothing is registered and nobody else sees the draft. The samples are read for
 * their schema and not kept: they may hold personal values. What fields probably
 * hold about persons is proposed, never decided; the form asks the person.
 *
 * The draft's id follows from who asks and from their key. A repetition finds the
 * draft of the first time and leaves it as it is, whatever the person has made of
 * it since; after a crash it is there, whole, or not.
 */
export function registerDraftRegistration(
  actions: ActionsRegistryService,
  options: Pick<
    ActionOptions,
    'auditor' | 'auth' | 'compiler' | 'drafts' | 'permissions'
  >,
): void {
  const { auditor, auth, compiler, drafts, permissions } = options;

  async function userOf(credentials: BackstageCredentials): Promise<string> {
    if (!auth.isPrincipal(credentials, 'user')) {
      throw new NotAllowedError(
        'Drafts belong to people: act for somebody who has signed in',
      );
    }
    const [decision] = await permissions.authorize(
      [{ permission: eventTypeCreatePermission }],
      { credentials },
    );
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError('You may not register event types');
    }
    return credentials.principal.userEntityRef;
  }

  async function findDraft(
    userRef: string,
    id: string,
  ): Promise<DeclarationDraft | undefined> {
    const own = await drafts.list(userRef);
    return own.some(draft => draft.id === id)
      ? await drafts.get(userRef, id)
      : undefined;
  }

  actions.register({
    name: 'draft-registration',
    title: 'Draft the registration of an event type',
    description: `Prepares the registration of an event type from sample events, as a draft that only the person you act for can see. The schema is inferred; for each field that may be about a person it says what it probably is and why. Nothing is registered: the person opens the draft in the portal, decides about those fields and registers. Samples are not kept. Repeat a call with the same key and it finds the draft of the first call unchanged. At most ${MAX_SAMPLES} samples of ${
      MAX_SAMPLES_BYTES / 1024
    } KiB together.`,
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          key: z
            .string()
            .min(1)
            .max(100)
            .describe('Yours to choose; the same key means the same draft'),
          name: z
            .string()
            .max(63)
            .describe('What happened, in small letters: shop.order_placed'),
          description: z.string().max(1000).optional(),
          owner: z
            .string()
            .max(200)
            .optional()
            .describe(
              'Entity reference of a group, such as group:default/shop',
            ),
          tier: z.enum(['critical', 'normal', 'low']).optional(),
          samples: z
            .array(z.record(z.unknown()))
            .min(1)
            .max(MAX_SAMPLES)
            .describe('Example events: the data of each, without envelope'),
        }),
      output: z =>
        z.object({
          answer: z.string(),
          draftId: z.string(),
          isNew: z.boolean(),
          openAt: z.string().describe('Path in the portal'),
          fields: z.array(
            z.object({
              path: z.string(),
              type: z.string(),
              required: z.boolean(),
            }),
          ),
          proposals: z.array(
            z.object({
              path: z.string(),
              semanticType: z.string(),
              confidence: z.string(),
              reason: z.string(),
            }),
          ),
          problems: z.array(
            z.object({
              code: z.string(),
              pointer: z.string(),
              message: z.string(),
            }),
          ),
        }),
    },
    async action({ input, credentials }) {
      const userRef = await userOf(credentials);
      const id = draftIdOf(userRef, input.key);
      return await audited(
        {
          auditor,
          eventId: 'event-type-draft-mutate',
          severityLevel: 'low',
          actionType: 'save',
          subject: { draft: id, by: userRef, through: 'draft-registration' },
        },
        async () => {
          const { schema, problems, privacy } = await parsePreview(
            { name: input.name, samples: samplesOf(input.samples) },
            compiler,
          );
          if (!schema) {
            throw new InvalidDeclarationError(problems);
          }
          const before = await findDraft(userRef, id);
          const isNew =
            !before &&
            (await saveNew(userRef, id, {
              name: input.name,
              description: input.description ?? '',
              ...(input.owner && { owner: input.owner }),
              tier: input.tier ?? 'normal',
              source: 'schema',
              fields: [],
              samplesText: '',
              schemaText: JSON.stringify(schema.avro, undefined, 2),
              decisions: {},
            }));
          const fields = summarizeFields(schema);
          return {
            result: {
              output: {
                answer: `${
                  isNew
                    ? `A draft of '${input.name}' is kept`
                    : 'The draft of this key is there already and stays as it is'
                }; ${fields.length} fields, ${
                  privacy.length
                } of them to be decided about${
                  problems.length
                    ? `, ${problems.length} ${
                        problems.length === 1 ? 'problem' : 'problems'
                      } to solve`
                    : ''
                }. Nothing is registered yet.`,
                draftId: id,
                isNew,
                openAt: `/event-types/register?draft=${id}`,
                fields: fields
                  .slice(0, MAX_LISTED)
                  .map(({ path, type, required }) => ({
                    path,
                    type,
                    required,
                  })),
                proposals: privacy
                  .slice(0, MAX_LISTED)
                  .map(({ path, semanticType, confidence, reason }) => ({
                    path,
                    semanticType,
                    confidence,
                    reason,
                  })),
                problems: problems.map(({ code, pointer, message }) => ({
                  code,
                  pointer,
                  message: shorten(message, 500),
                })),
              },
            },
            meta: { outcome: isNew ? 'created' : 'unchanged' },
          };
        },
      );
    },
  });

  /** False when somebody, most likely the same agent, was faster. */
  async function saveNew(
    userRef: string,
    id: string,
    content: { name: string } & DeclarationDraft['content'],
  ): Promise<boolean> {
    try {
      const title = content.name;
      await drafts.save(
        userRef,
        id,
        parseDraft({ title, content, ifRevision: 0 }),
      );
      return true;
    } catch (error) {
      if (error instanceof DeclarationConflictError) {
        return false;
      }
      throw error;
    }
  }
}

/** @throws InvalidDeclarationError when they are too large together */
function samplesOf(samples: object[]): object[] {
  if (Buffer.byteLength(JSON.stringify(samples)) > MAX_SAMPLES_BYTES) {
    throw new InvalidDeclarationError([
      {
        code: 'draft_too_large',
        pointer: '/samples',
        message: `The samples have more than ${
          MAX_SAMPLES_BYTES / 1024
        } KiB together; leave some out`,
      },
    ]);
  }
  return samples;
}

/** A UUID of the version that is free to be made of anything (RFC 9562, 8). */
function draftIdOf(userRef: string, key: string): string {
  const hex = createHash('sha256')
    .update(`draft-registration\0${userRef}\0${key}`)
    .digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
