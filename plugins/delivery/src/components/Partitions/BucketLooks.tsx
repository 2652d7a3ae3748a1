import { formatCount } from '@millrace/plugin-data-platform-react';
import {
  RiAlarmWarningLine,
  RiCheckLine,
  RiErrorWarningLine,
  RiHammerLine,
  RiHistoryLine,
  RiHourglassLine,
  RiLoader2Line,
  RiRecordCircleLine,
  RiSubtractLine,
  RiTimerLine,
} from '@remixicon/react';
import { Fragment } from 'react';
import type { BucketLook } from './describeRow';
import styles from './BucketLooks.module.css';

type Tone = 'good' | 'attention' | 'bad' | 'waiting' | 'quiet';

const LOOKS: Record<
  BucketLook,
  { Icon: typeof RiCheckLine; tone: Tone; title: string }
> = {
  open: {
    Icon: RiRecordCircleLine,
    tone: 'waiting',
    title: 'It is not over; events are still received in it',
  },
  over: {
    Icon: RiTimerLine,
    tone: 'waiting',
    title: 'It is over, and no worker has decided about it yet',
  },
  waiting: {
    Icon: RiHourglassLine,
    tone: 'attention',
    title: 'It is over and may not be closed yet',
  },
  overdue: {
    Icon: RiErrorWarningLine,
    tone: 'bad',
    title: 'Not sealed, and later than the objective of its tier',
  },
  sealing: {
    Icon: RiLoader2Line,
    tone: 'waiting',
    title: 'It is closed and being sealed',
  },
  sealed: {
    Icon: RiCheckLine,
    tone: 'good',
    title: 'Sealed within the objective of its tier',
  },
  'sealed late': {
    Icon: RiAlarmWarningLine,
    tone: 'attention',
    title: 'Sealed, and later than the objective of its tier',
  },
  'sealed empty': {
    Icon: RiSubtractLine,
    tone: 'quiet',
    title: 'Sealed in time, without a delivered event',
  },
  forced: {
    Icon: RiHammerLine,
    tone: 'attention',
    title:
      'A person has ordered that it be closed although something was missing',
  },
  revised: {
    Icon: RiHistoryLine,
    tone: 'waiting',
    title: 'Readers see a later revision than the first',
  },
};

/** The states of a row by colour, shape and word, with a count where it has many. */
export function BucketLooks(props: {
  looks: { look: BucketLook; count?: number; word?: string }[];
}) {
  return (
    <span className={styles.looks}>
      {props.looks.map(({ look, count, word = look }) => {
        const { Icon, tone, title } = LOOKS[look];
        return (
          <Fragment key={look}>
            <span className={`${styles.look} ${styles[tone]}`} title={title}>
              <Icon size={14} aria-hidden="true" />
              {count === undefined ? word : `${formatCount(count)} ${word}`}
            </span>{' '}
          </Fragment>
        );
      })}
    </span>
  );
}
