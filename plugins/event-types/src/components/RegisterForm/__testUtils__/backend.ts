import type { FetchApi } from '@backstage/frontend-plugin-api';
import { mockApis } from '@backstage/frontend-test-utils';
import type {
  DeclarationDraft,
  DeclarationOptions,
  EventTypePreview,
} from '@millrace/plugin-event-types-common';

export const OPTIONS: DeclarationOptions = {
  tiers: ['critical', 'normal', 'low'],
  retentionClasses: [
    {
      id: 'standard',
      title: '13 months',
      description: 'A year, and the month to compare it with.',
      keepDays: 396,
      isDefault: true,
    },
    {
      id: 'short',
      title: '30 days',
      description: 'For what is looked at once.',
      keepDays: 30,
      isDefault: false,
    },
  ],
  semanticTypes: [
    { id: 'none', title: 'Not personal', description: '', isPersonal: false },
    {
      id: 'email',
      title: 'E-mail address',
      description: '',
      isPersonal: true,
    },
    {
      id: 'name',
      title: 'Name of a person',
      description: '',
      isPersonal: true,
    },
  ],
  limits: {
    descriptionCharacters: 4000,
    tags: 20,
    expectedEventsPerDay: 1e12,
  },
};

/** A request that the form has sent. */
export interface Call {
  /** Such as `PUT /drafts/…`. */
  call: string;
  body: unknown;
  headers: Headers;
}

type Handler = (call: Call) => unknown;

/** The body of a refusal, as Backstage's error middleware writes it. */
export function refusal(
  status: number,
  problems: { code?: string; pointer: string; message: string }[] = [],
): Response {
  return Response.json(
    {
      error: {
        name: 'Error',
        message: 'No',
        problems: problems.map(each => ({ code: 'invalid_value', ...each })),
      },
      response: { statusCode: status },
    },
    { status },
  );
}

/** What the backend makes of a list of fields or of samples, as far as a form needs it. */
export function previewOf(body: {
  fields?: { name: string; type: string; required: boolean }[];
  samples?: { [key: string]: unknown }[];
  schema?: { fields: { name: string; semanticType?: string }[] };
}): EventTypePreview {
  const fields: { name: string; semanticType?: string }[] =
    body.fields ??
    body.schema?.fields ??
    Object.keys(body.samples?.[0] ?? {}).map(name => ({ name }));
  return {
    schema: {
      type: 'record',
      name: 'pushed',
      fields: fields.map(({ name, semanticType }) => ({
        name,
        type: 'string',
        ...(semanticType && { semanticType }),
      })),
    },
    fields: fields.map(({ name, semanticType }) => ({
      path: name,
      type: 'string',
      required: true,
      ...(semanticType && { semanticType }),
    })),
    problems: [],
    privacy: fields.flatMap(({ name, semanticType }, index) =>
      name.includes('mail') && !semanticType
        ? [
            {
              pointer: `/fields/${index}`,
              path: name,
              semanticType: 'email',
              confidence: 'likely' as const,
              reason: 'its name says so',
            },
          ]
        : [],
    ),
  };
}

/**
 * The event types backend at its network edge: it keeps drafts, and answers what
 * a test does not say otherwise as if all were well.
 */
export function backend(
  handlers: { [call: string]: Handler } = {},
  /** Asked first, for what concerns more than one call. */
  before: (call: Call) => Response | undefined = () => undefined,
) {
  const calls: Call[] = [];
  const drafts = new Map<string, DeclarationDraft>();

  const keep = (id: string, body: { [key: string]: unknown }) => {
    const revision = drafts.get(id)?.revision ?? 0;
    if (body.ifRevision !== revision) {
      return refusal(409, [
        { code: 'changed_meanwhile', pointer: '/ifRevision', message: 'No' },
      ]);
    }
    const draft: DeclarationDraft = {
      id,
      revision: revision + 1,
      title: body.title as string | undefined,
      content: body.content as DeclarationDraft['content'],
      createdAt: '2026-11-21T10:00:00.000Z',
      updatedAt: '2026-11-21T10:00:00.000Z',
      expiresAt: '2026-12-21T10:00:00.000Z',
    };
    drafts.set(id, draft);
    return draft;
  };

  const answer = (call: Call): unknown => {
    const [method, path] = call.call.split(' ');
    const [, room, name, rest] = path.split('/');
    const body = call.body as { [key: string]: unknown };
    if (call.call === 'GET /declaration-options') {
      return OPTIONS;
    }
    if (room === 'drafts') {
      switch (method) {
        case 'PUT':
          return keep(name, body);
        case 'DELETE':
          return drafts.delete(name)
            ? new Response(null, { status: 204 })
            : refusal(404);
        default:
          return name
            ? drafts.get(name) ?? refusal(404)
            : {
                items: [...drafts.values()].map(
                  ({ content, ...draft }) => draft,
                ),
              };
      }
    }
    if (rest === 'availability') {
      return { name, status: 'free', problems: [], similar: [] };
    }
    switch (call.call) {
      case 'POST /event-types/preview':
        return previewOf(body);
      case 'POST /event-types/review':
        return reviewOf(body);
      default:
        return { ...body, version: 1, generation: 1 };
    }
  };

  const fetchApi: FetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const path = String(input).replace('plugin://event-types', '');
      const call: Call = {
        call: `${init?.method ?? 'GET'} ${path}`,
        body: init?.body && JSON.parse(String(init.body)),
        headers: new Headers(init?.headers),
      };
      calls.push(call);
      const handler = handlers[call.call];
      const answered = before(call) ?? (handler ? handler(call) : answer(call));
      return answered instanceof Response ? answered : Response.json(answered);
    },
  });
  return {
    fetchApi,
    drafts,
    calls,
    /** The bodies that were sent by a call. */
    sent: (call: string) =>
      calls.filter(each => each.call === call).map(({ body }) => body),
  };
}

/** A review of something that has nothing in its way. */
export function reviewOf(body: { [key: string]: unknown }) {
  return {
    isReady: true,
    action: 'create',
    problems: [],
    hints: [],
    schema: body.schema,
    fields: previewOf(body).fields,
    privacy: [],
    resources: {
      eventType: body.name,
      version: 1,
      topic: `event.${body.name}`,
      subscription: `event.${body.name}.delivery`,
      refusedTopic: `refused.${body.name}`,
      refusedSubscription: `refused.${body.name}.keep`,
      dataEndpoint: body.name,
      partitions: { seconds: 3600, perDay: 24 },
      retention: OPTIONS.retentionClasses[0],
    },
    volume: { bytesPerEvent: 120, basis: 'schema' },
  };
}
