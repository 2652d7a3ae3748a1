import { Button, Link, Text } from '@backstage/ui';
import {
  PlainTable,
  ProblemPanel,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { DeclarationDraftList } from '@millrace/plugin-event-types-common';
import { useState } from 'react';
import { DiscardDraftDialog } from './DiscardDraftDialog';

const SHOWN_AT_FIRST = 5;

const COLUMNS = [
  { id: 'title', label: 'Draft' },
  { id: 'saved', label: 'Saved' },
  { id: 'kept', label: 'Kept until' },
  { id: 'actions', label: 'Actions' },
];

type DraftHead = DeclarationDraftList['items'][number];

/** What somebody has begun and not registered, newest first. */
export function DraftsList(props: {
  drafts: DraftHead[];
  error?: Error;
  hrefOf: (id: string) => string;
  onDiscard: (id: string) => Promise<void>;
  onRetry: () => void;
}) {
  const { drafts, error, hrefOf, onDiscard, onRetry } = props;
  const [isOpen, setOpen] = useState(false);
  const [discarding, setDiscarding] = useState<DraftHead>();
  if (error) {
    return (
      <ProblemPanel
        what="Your drafts could not be loaded."
        error={error}
        onRetry={onRetry}
      />
    );
  }
  if (drafts.length === 0) {
    return null;
  }
  const shown = isOpen ? drafts : drafts.slice(0, SHOWN_AT_FIRST);
  return (
    <section aria-labelledby="your-drafts">
      <Text as="h2" id="your-drafts" variant="title-x-small" weight="bold">
        Your drafts
      </Text>
      <PlainTable
        caption={`${formatCountOf(
          drafts.length,
          'draft',
        )}; nobody else sees them`}
        isCaptionVisible
        columns={COLUMNS}
      >
        {shown.map(draft => (
          <tr key={draft.id}>
            <th scope="row">
              <Link href={hrefOf(draft.id)}>{nameOf(draft)}</Link>
            </th>
            <td>
              <time dateTime={draft.updatedAt}>
                {formatUtcDateTime(draft.updatedAt)}
              </time>
            </td>
            <td>
              <time dateTime={draft.expiresAt}>
                {formatUtcDateTime(draft.expiresAt)}
              </time>
            </td>
            <td>
              <Button
                variant="tertiary"
                aria-label={`Discard ${nameOf(draft)}`}
                onPress={() => setDiscarding(draft)}
              >
                Discard
              </Button>
            </td>
          </tr>
        ))}
      </PlainTable>
      {shown.length < drafts.length && (
        <Button variant="tertiary" onPress={() => setOpen(true)}>
          Show all {drafts.length} drafts
        </Button>
      )}
      {discarding && (
        <DiscardDraftDialog
          title={discarding.title}
          onDiscard={() => onDiscard(discarding.id)}
          onClose={() => setDiscarding(undefined)}
        />
      )}
    </section>
  );
}

function nameOf({ title }: DraftHead): string {
  return title ?? 'Without a name yet';
}
