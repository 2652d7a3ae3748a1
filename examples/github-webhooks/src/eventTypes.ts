import {
  AvroRecord,
  compileValidator,
  importJsonSchema,
  inferSchema,
  parseEventSchema,
} from '@millrace/schema';
import webhooksSchema from '@octokit/webhooks-schemas/schema.json';
import { decideWebhookFields } from './decisions';
import { eventTypeOf, Payload, webhookExamples } from './payloads';

/** The body with which an event type is registered at the portal. */
export interface GithubEventType {
  name: string;
  description: string;
  owner: string;
  tier: 'critical' | 'normal' | 'low';
  schema: AvroRecord;
}

const OWNER = 'group:default/webhooks';

/** What other teams act on within minutes is critical; applause can wait. */
const TIERS = {
  critical: [
    'check_run',
    'check_suite',
    'code_scanning_alert',
    'deployment',
    'deployment_status',
    'pull_request',
    'push',
    'release',
    'status',
    'workflow_job',
    'workflow_run',
  ],
  normal: [
    'branch_protection_rule',
    'commit_comment',
    'create',
    'delete',
    'dependabot_alert',
    'discussion',
    'discussion_comment',
    'issue_comment',
    'issues',
    'label',
    'member',
    'milestone',
    'organization',
    'package',
    'pull_request_review',
    'pull_request_review_comment',
    'repository',
    'team',
  ],
  low: ['fork', 'gollum', 'page_build', 'public', 'star', 'watch'],
} as const;

type Tier = keyof typeof TIERS;

/** Builds the event types from the published JSON Schema of GitHub's webhooks. */
export function githubEventTypes(): GithubEventType[] {
  const descriptions = new Map(
    webhookExamples().map(({ name, description }) => [name, description]),
  );
  return (Object.keys(TIERS) as Tier[]).flatMap(tier =>
    TIERS[tier].map(webhook => ({
      name: eventTypeOf(webhook),
      description: firstSentence(descriptions.get(webhook) ?? ''),
      owner: OWNER,
      tier,
      schema: importWebhook(webhook),
    })),
  );
}

/**
 * Builds the event types of every webhook there are payloads of, from the JSON
 * Schema or from the payloads alone. The demo registers some of them.
 */
export function allGithubEventTypes(
  source: 'json-schema' | 'payloads',
): GithubEventType[] {
  return webhookExamples().map(({ name, description, payloads }) => ({
    name: eventTypeOf(name),
    // GitHub describes all but one.
    description: firstSentence(description) || `The webhook ${name}.`,
    owner: OWNER,
    tier: tierOf(name),
    schema:
      source === 'json-schema'
        ? importWebhook(name)
        : inferWebhook(name, payloads),
  }));
}

function tierOf(webhook: string): Tier {
  return (
    (Object.keys(TIERS) as Tier[]).find(tier =>
      (TIERS[tier] as readonly string[]).includes(webhook),
    ) ?? 'low'
  );
}

/** Builds a check of payloads against the schemas they will be judged by. */
export function payloadCheck(
  eventTypes: GithubEventType[] = githubEventTypes(),
): (payload: Payload) => boolean {
  const validators = new Map(
    eventTypes.map(({ name, schema }) => [
      name,
      compileValidator(parseEventSchema(schema)),
    ]),
  );
  return ({ eventType, data }) =>
    validators.get(eventType)?.(data).length === 0;
}

function importWebhook(webhook: string): AvroRecord {
  const definitions: Record<string, unknown> = webhooksSchema.definitions;
  // `issues_event` unites the schemas of all actions; a webhook without
  // actions has the single schema `push$event`.
  const definition = [`${webhook}_event`, `${webhook}$event`].find(name =>
    Object.hasOwn(definitions, name),
  );
  if (!definition) {
    throw new Error(`GitHub's schemas have no definition for '${webhook}'`);
  }
  return decideWebhookFields(
    importJsonSchema(
      { $ref: `#/definitions/${definition}` },
      { name: eventTypeOf(webhook), definitions },
    ),
  ).avro;
}

function inferWebhook(
  webhook: string,
  payloads: readonly object[],
): AvroRecord {
  const schema = inferSchema([...payloads], { name: eventTypeOf(webhook) });
  return decideWebhookFields(schema, payloads).avro;
}

/** The descriptions go on about action properties and further reading. */
function firstSentence(markdown: string): string {
  const [sentence] = markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/(?<=\.)\s/);
  return sentence;
}
