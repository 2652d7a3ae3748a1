import { Button, Text } from '@backstage/ui';
import type { ReactNode, Ref } from 'react';
import styles from './TableFrame.module.css';

/**
 * What stands around the table of a page: search and filters above, then how many
 * of how many are shown. It takes the focus by program, when a page is turned.
 *
 * @public
 */
export function TableFrame(props: {
  /** What the rows are: `event types`. */
  label: string;
  frameRef: Ref<HTMLElement>;
  /** Whether the rows are those of the question before. */
  isStale?: boolean;
  /** The field to search in, and what narrows the rows further. */
  search: ReactNode;
  filters?: ReactNode;
  /** A switch at the end of the line, no wider than its words. */
  toggle?: ReactNode;
  /** How many of how many, in words. */
  found: string;
  /** Takes all narrowing away; missing where there is none to take away. */
  onShowAll?: () => void;
  children: ReactNode;
}) {
  const { label, frameRef, isStale, search, filters, toggle } = props;
  const { found, onShowAll, children } = props;
  return (
    <section
      ref={frameRef}
      tabIndex={-1}
      aria-label={label}
      aria-busy={isStale}
      className={styles.root}
    >
      <div className={styles.controls} role="search" aria-label={label}>
        {search}
        {filters}
        {toggle && <div className={styles.toggle}>{toggle}</div>}
      </div>
      <div className={styles.found}>
        <Text as="p" role="status" color="secondary" variant="body-small">
          {found}
        </Text>
        {onShowAll && (
          <Button variant="tertiary" size="small" onPress={onShowAll}>
            Show all
          </Button>
        )}
      </div>
      {children}
    </section>
  );
}

/**
 * In place of rows: why there are none, and the way back.
 *
 * @public
 */
export function NoneFits(props: {
  title: string;
  description: string;
  action: string;
  onPress: () => void;
}) {
  const { title, description, action, onPress } = props;
  return (
    <div className={styles.none}>
      <Text as="p" weight="bold">
        {title}
      </Text>
      <Text as="p" color="secondary">
        {description}
      </Text>
      <Button variant="secondary" onPress={onPress}>
        {action}
      </Button>
    </div>
  );
}

/**
 * Why the rows were narrowed down to none.
 *
 * @param searchHint - what the search looks at: `Name, owner or state`
 *
 * @public
 */
export function describeNoneFits(search: string, searchHint: string): string {
  return search
    ? `The search looks at: ${searchHint.toLocaleLowerCase(
        'en-US',
      )}. All words must be there.`
    : 'The filters leave nothing over.';
}
