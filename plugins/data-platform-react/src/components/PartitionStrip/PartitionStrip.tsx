import { type KeyboardEvent, useRef, useState } from 'react';
import { Link } from 'react-router-dom';
import { formatBucket, formatCount } from '../../format';
import { describeLateness } from '../LatenessText';
import styles from './PartitionStrip.module.css';

/**
 * What the strip shows of a partition.
 *
 * @public
 */
export interface StripPartition {
  bucketStart: string;
  bucketEnd: string;
  state: 'sealing' | 'sealed';
  empty: boolean;
  sealedAt?: string;
  latenessMs?: number;
  delivered: number;
}

/**
 * How a partition is drawn.
 *
 * @public
 */
export type PartitionLook = 'sealed' | 'sealed late' | 'empty' | 'sealing';

const GLYPHS: Record<PartitionLook, string> = {
  sealed: '✓',
  'sealed late': '!',
  empty: '·',
  sealing: '…',
};

const CLASSES: Record<PartitionLook, string> = {
  sealed: styles.sealed,
  'sealed late': styles.late,
  empty: styles.empty,
  sealing: styles.sealing,
};

/**
 * How a partition is drawn: late counts before empty, since an empty partition
 * that is late keeps readers waiting as well.
 *
 * @public
 */
export function lookOf(
  partition: StripPartition,
  objectiveMs: number,
): PartitionLook {
  if (partition.state === 'sealing') {
    return 'sealing';
  }
  if ((partition.latenessMs ?? 0) > objectiveMs) {
    return 'sealed late';
  }
  return partition.empty ? 'empty' : 'sealed';
}

function labelOf(partition: StripPartition, look: PartitionLook): string {
  const bucket = formatBucket(partition.bucketStart, partition.bucketEnd);
  if (look === 'sealing') {
    return `${bucket}: sealing`;
  }
  const lateness = describeLateness(partition);
  const words = look === 'sealed' ? lateness : `${look}; ${lateness}`;
  return `${bucket}: ${words}; ${formatCount(partition.delivered)} delivered`;
}

/**
 * The most recent partitions as small cells, oldest first. Where cells lead
 * somewhere they take one stop of the Tab key together; the arrow keys, Home
 * and End move among them.
 *
 * @public
 */
export function PartitionStrip<T extends StripPartition>(props: {
  /** What the strip is of, for screen readers. */
  label: string;
  /** Newest first, as the backend sends them. */
  partitions: T[];
  objectiveMs: number;
  getHref?: (partition: T) => string;
}) {
  const { label, partitions, objectiveMs, getHref } = props;
  const listRef = useRef<HTMLUListElement>(null);
  // Identified by bucket and not by position: new partitions push the others
  // along, and the focus must stay on the one that has it.
  const [current, setCurrent] = useState<string>();

  if (!partitions.length) {
    return <span className={styles.none}>no partition yet</span>;
  }
  const cells = [...partitions].reverse();
  const tabStop =
    cells.find(cell => cell.bucketStart === current)?.bucketStart ??
    cells[cells.length - 1].bucketStart;

  const onKeyDown = (event: KeyboardEvent) => {
    const links = [...(listRef.current?.querySelectorAll('a') ?? [])];
    const at = links.findIndex(link => link === document.activeElement);
    const target = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: links.length - 1,
    }[event.key];
    if (at >= 0 && target !== undefined && links[target]) {
      event.preventDefault();
      links[target].focus();
    }
  };

  return (
    <ul ref={listRef} className={styles.root} aria-label={label}>
      {cells.map(cell => {
        const look = lookOf(cell, objectiveMs);
        const text = labelOf(cell, look);
        const className = `${styles.cell} ${CLASSES[look]}`;
        return (
          <li key={cell.bucketStart}>
            {getHref ? (
              <Link
                to={getHref(cell)}
                className={className}
                aria-label={text}
                title={text}
                tabIndex={cell.bucketStart === tabStop ? 0 : -1}
                onFocus={() => setCurrent(cell.bucketStart)}
                onKeyDown={onKeyDown}
              >
                <span aria-hidden="true">{GLYPHS[look]}</span>
              </Link>
            ) : (
              <span
                role="img"
                className={className}
                aria-label={text}
                title={text}
              >
                <span aria-hidden="true">{GLYPHS[look]}</span>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
