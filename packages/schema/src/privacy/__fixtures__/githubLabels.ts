import type { ValueField } from '../fields';

/**
 * What is about a person in GitHub's webhooks, judged by a person, field by
 * field, over all 58 of them. A field is named by the field that holds its
 * record.
 */

/** Hold a user of GitHub (a union with teams or bots included). */
const USER_HOLDERS = new Set(
  `account answer_chosen_by assignee assignees author blocked_user committer
   creator dismissed_by dismisser forkee_owner invitee inviter member members
   merged_by owner pusher requested_reviewer requested_reviewers reviewer sender
   sponsor sponsorable user actor triggering_actor uploader closed_by
   old_owner from_user enabled_by publisher suspended_by starred_by
   auto_merge_enabled_by`.split(/\s+/),
);

/** The fields of a user that stand for the user, or lead there. */
const USER_FIELDS = new Set(
  `login id node_id name email avatar_url gravatar_id url html_url followers_url
   following_url gists_url starred_url subscriptions_url organizations_url
   repos_url events_url received_events_url username organization_billing_email`.split(
    /\s+/,
  ),
);

/** Everything else, as `holder.field`; `*` for any holder. */
const OTHERS = new Set(
  `*.email invitation.login rule.authorized_actor_names npm_metadata.author
   npm_metadata.contributors npm_metadata.maintainers npm_metadata.npm_user
   npm_metadata.deleted_by_id config.secret verification.payload
   authorized_actor_names.from comment.body comments.body answer.body
   discussion.body discussion.title new_discussion.body new_discussion.title
   issue.body issue.title old_issue.body old_issue.title pull_request.body
   pull_request.title review.body commit.message commits.message
   head_commit.message auto_merge.commit_message project_card.note
   note.from body.from title.from alert.dismissed_comment EVENT.comment
   project.body message.text EVENT.avatar_url`.split(/\s+/),
);

/** The holder of a field's record: `EVENT` for the event itself. */
export function holderOf({ path }: Pick<ValueField, 'path'>): string {
  const steps = path.replaceAll('[]', '').replaceAll('{}', '').split('.');
  return steps.length > 1 ? steps[steps.length - 2] : 'EVENT';
}

/** Whether a person judged the field to be about a person. */
export function isAboutPerson(
  field: Pick<ValueField, 'path' | 'name'>,
): boolean {
  const holder = holderOf(field);
  return (
    (USER_HOLDERS.has(holder) && USER_FIELDS.has(field.name)) ||
    OTHERS.has(`${holder}.${field.name}`) ||
    (OTHERS.has(`*.${field.name}`) && holder !== 'permissions')
  );
}
