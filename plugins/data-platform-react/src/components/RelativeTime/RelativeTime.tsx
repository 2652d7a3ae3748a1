import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
import { useState } from 'react';
import { formatAge, formatUtcDateTime } from '../../format';
import styles from './RelativeTime.module.css';

/**
 * How long ago something was, such as `12 s ago`. The exact time shows when the
 * pointer or the focus is on it, and pressing it (Enter, a tap) keeps the exact
 * time in place of the age, where it can be selected and compared.
 *
 * @public
 */
export function RelativeTime(props: {
  /** RFC 3339. */
  iso: string;
  /** What the age is counted from: when the page was last refreshed. */
  now: Date;
}) {
  const { iso, now } = props;
  const [isExact, setExact] = useState(false);
  const exact = formatUtcDateTime(iso);
  const age = formatAge(iso, now);
  const [shown, other] = isExact ? [exact, age] : [age, exact];
  return (
    <TooltipTrigger delay={300}>
      <Button
        variant="tertiary"
        className={styles.root}
        onPress={() => setExact(current => !current)}
      >
        <time dateTime={iso}>{shown}</time>
        <span className={styles.hidden}>, {other}</span>
      </Button>
      <Tooltip>{other}</Tooltip>
    </TooltipTrigger>
  );
}
