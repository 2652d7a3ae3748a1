import {
  type EventSchema,
  type PrivacyFinding,
  type SemanticType,
  decideFields,
} from '@millrace/schema';

/**
 * What the fields of GitHub's webhooks say about persons, decided field by field:
 * the demo registers by the same rule as everybody. By the last name of the path.
 */
const DECISIONS: ReadonlyMap<string, SemanticType> = new Map([
  ...decided(
    'person-id',
    // What stands for a user, or leads to one.
    `id node_id login username slug url html_url followers_url following_url
     gists_url starred_url subscriptions_url organizations_url repos_url
     events_url received_events_url author npm_user deleted_by_id
     authorized_actor_names from`,
  ),
  ...decided('name', 'name'),
  ...decided('email', 'email organization_billing_email'),
  ...decided('image', 'avatar_url gravatar_id'),
  ...decided(
    'free-text',
    // What people write, and JSON about people.
    `body body_html title message text note comment dismissed_comment
     contributors maintainers summary assignee assignees`,
  ),
  // GitHub sends the stars it put in its place.
  ...decided('secret', 'secret'),
  // Of teams, which may review as users do.
  ...decided('none', 'members_url repositories_url'),
  // Sentences about things: repositories, labels, apps and rules.
  ...decided('none', 'description full_description'),
]);

function decided(
  semanticType: SemanticType,
  names: string,
): Array<[string, SemanticType]> {
  return names.split(/\s+/).map(name => [name, semanticType]);
}

/**
 * Writes the decisions into a schema.
 *
 * @throws Error when a field has to be decided and is not in the list: GitHub has
 * published a new one, and somebody has to look at it
 */
export function decideWebhookFields(
  schema: EventSchema,
  samples?: readonly unknown[],
): EventSchema {
  return decideFields(schema, decide, { samples });
}

function decide(finding: PrivacyFinding): SemanticType | undefined {
  if (finding.confidence === 'possible') {
    return undefined;
  }
  const name =
    finding.path
      .split('.')
      .pop()
      ?.replace(/[[\]{}]/g, '') ?? '';
  const decision = DECISIONS.get(name);
  if (!decision) {
    throw new Error(
      `Nobody has decided what '${finding.path}' says about persons: ${finding.reason}`,
    );
  }
  return decision;
}
