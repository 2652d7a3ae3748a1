import { Button, Text } from '@backstage/ui';
import { type ReactNode, useId, useState } from 'react';
import { NumericCell, PlainTable } from '../PlainTable';
import styles from './ChartFigure.module.css';

/**
 * The frame of every chart: what it shows, what there is to see in words, the
 * picture, and the same numbers as a table for whoever wants them exactly or
 * cannot use the picture. A screen reader is given the words and the table; the
 * picture is hidden from it, and nothing in the picture takes the focus.
 *
 * @public
 */
export function ChartFigure(props: {
  /** What is drawn, with its unit: `Events delivered per minute`. */
  title: string;
  /** What there is to see, in one sentence: the range, the newest, what stands out. */
  summary: string;
  /** Where and when: `2026-11-21, times in UTC`. */
  note?: string;
  /** The same numbers: the first column names the row, the others are numbers. */
  table: { columns: string[]; rows: (string | number)[][] };
  children: ReactNode;
}) {
  const { title, summary, note, table, children } = props;
  const [isTable, setTable] = useState(false);
  const titleId = useId();
  return (
    <figure className={styles.root} aria-labelledby={titleId}>
      <figcaption className={styles.caption}>
        <div>
          <Text as="h3" id={titleId} variant="body-medium" weight="bold">
            {title}
          </Text>
          <Text as="p" color="secondary" variant="body-small">
            {summary}
          </Text>
        </div>
        <Button
          variant="tertiary"
          size="small"
          aria-label={`Show as ${isTable ? 'a picture' : 'a table'}: ${title}`}
          onPress={() => setTable(current => !current)}
        >
          {isTable ? 'Show as a picture' : 'Show as a table'}
        </Button>
      </figcaption>
      {isTable ? (
        // It scrolls when it is long, so the keyboard has to reach it.
        <div
          className={styles.table}
          role="region"
          aria-label={`${title}, as a table`}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
        >
          <PlainTable
            caption={title}
            columns={table.columns.map((label, at) => ({
              id: label,
              label,
              isNumeric: at > 0,
            }))}
          >
            {table.rows.map(([name, ...values]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {values.map((value, at) => (
                  <NumericCell key={table.columns[at + 1]}>{value}</NumericCell>
                ))}
              </tr>
            ))}
          </PlainTable>
        </div>
      ) : (
        <div aria-hidden="true">{children}</div>
      )}
      {note && (
        <Text as="p" color="secondary" variant="body-x-small">
          {note}
        </Text>
      )}
    </figure>
  );
}
