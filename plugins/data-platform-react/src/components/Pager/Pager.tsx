import { Button, Flex } from '@backstage/ui';

/**
 * Turns the pages of a list that is too long to be loaded at once and has no
 * last page worth jumping to: events, rows, partitions. A page is replaced, not
 * appended to, so that the browser holds one of them however far one goes.
 *
 * @public
 */
export function Pager(props: {
  /** What is paged, for screen readers: `Refused events`. */
  label: string;
  /** The words for the two directions; `Newer` and `Older` where time orders. */
  words?: { back: string; on: string };
  /** Missing on the first page. */
  onBack?: () => void;
  /** Missing on the last page. */
  onOn?: () => void;
}) {
  const { label, words = { back: 'Newer', on: 'Older' } } = props;
  const { onBack, onOn } = props;
  if (!onBack && !onOn) {
    return null;
  }
  return (
    <nav aria-label={`Pages of ${label}`}>
      <Flex gap="2">
        <Button variant="secondary" isDisabled={!onBack} onPress={onBack}>
          {words.back}
        </Button>
        <Button variant="secondary" isDisabled={!onOn} onPress={onOn}>
          {words.on}
        </Button>
      </Flex>
    </nav>
  );
}
