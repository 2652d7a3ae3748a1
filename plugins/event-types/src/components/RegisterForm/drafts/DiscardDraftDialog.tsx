import { Text } from '@backstage/ui';
import { ConfirmDialog } from '@millrace/plugin-data-platform-react';

/** Asks before a draft is deleted. */
export function DiscardDraftDialog(props: {
  title: string | undefined;
  onDiscard: () => Promise<void>;
  onClose: () => void;
}) {
  const { title, onDiscard, onClose } = props;
  return (
    <ConfirmDialog
      title={title ? `Discard the draft ${title}?` : 'Discard this draft?'}
      verb="Discard the draft"
      otherwise="Keep it"
      isDestructive
      failure="The draft was not discarded."
      onConfirm={onDiscard}
      onClose={onClose}
    >
      <Text>
        What was filled in is deleted and cannot be brought back. Nothing is
        registered, and no event type is touched.
      </Text>
    </ConfirmDialog>
  );
}
