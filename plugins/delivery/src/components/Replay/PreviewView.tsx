import { Alert, Flex, Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  StatusBadge,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import {
  MAX_REPLAY_EVENTS,
  type ReplayPreview,
  type ReplayPreviewSample,
} from '@millrace/plugin-delivery-common';
import { EventText } from '../EventText';
import { describeReasonAt } from '../RefusedEvents/reasons';
import { NOT_REPLAYABLE } from './describePreview';
import styles from './Replay.module.css';

const WHY_COLUMNS = [
  { id: 'why', label: 'Why not' },
  { id: 'events', label: 'Events', isNumeric: true },
];

function Outcome({ outcome }: ReplayPreviewSample) {
  switch (outcome.kind) {
    case 'accepted':
      return <StatusBadge status="good">would be accepted</StatusBadge>;
    case 'refused':
      return (
        <StatusBadge status="bad">{`still refused: ${outcome.message}`}</StatusBadge>
      );
    default:
      return (
        <StatusBadge status="attention">{`cannot be replayed: ${
          NOT_REPLAYABLE[outcome.reason]
        }`}</StatusBadge>
      );
  }
}

function Sample(props: { sample: ReplayPreviewSample; number: number }) {
  const { sample, number } = props;
  const { before, after, outcome } = sample;
  return (
    <li className={styles.sample}>
      <Outcome {...sample} />
      <div className={styles.pair}>
        <div>
          <Text as="p" color="secondary" variant="body-small">
            As it came
          </Text>
          <EventText label={`Sample ${number} as it came`} text={before} />
        </div>
        <div>
          <Text as="p" color="secondary" variant="body-small">
            As it would be sent
          </Text>
          {after === undefined ? (
            <Text as="p">It is not sent.</Text>
          ) : (
            <EventText
              label={`Sample ${number} as it would be sent`}
              text={after}
              pointer={outcome.kind === 'refused' ? outcome.pointer : undefined}
              comparedWith={before}
            />
          )}
        </div>
      </div>
    </li>
  );
}

/** What a replay would do: counts with reasons, then samples before and after. */
export function PreviewView(props: { preview: ReplayPreview }) {
  const { preview } = props;
  const whyNot = [
    ...preview.refusedBy.map(({ reason, field, count }) => ({
      why: describeReasonAt(reason, field),
      code: reason,
      count,
    })),
    ...preview.notReplayableBy.map(({ reason, count }) => ({
      why: NOT_REPLAYABLE[reason],
      code: reason,
      count,
    })),
  ];
  return (
    <Flex direction="column" gap="4">
      {whyNot.length > 0 && (
        <PlainTable caption="Why not all of them" columns={WHY_COLUMNS}>
          {whyNot.map(({ why, code, count }) => (
            <tr key={`${code} ${why}`}>
              <th scope="row">
                {why} <code className={styles.code}>{code}</code>
              </th>
              <NumericCell>{formatCount(count)}</NumericCell>
            </tr>
          ))}
        </PlainTable>
      )}
      {preview.hasMore && (
        <Alert
          status="info"
          icon
          title={`One replay takes the oldest ${formatCount(
            MAX_REPLAY_EVENTS,
          )}. Start another one for the rest when this is done.`}
        />
      )}
      {preview.unchanged > 0 && preview.selected > 0 && (
        <Text as="p" color="secondary">
          The changes do not touch {formatCountOf(preview.unchanged, 'event')}.
        </Text>
      )}
      {preview.withoutId > 0 && (
        <Text as="p" color="secondary">
          {formatCountOf(preview.withoutId, 'event')} came without an id and
          would be given one.
        </Text>
      )}
      {preview.samples.length > 0 && (
        <ol className={styles.samples} aria-label="Samples before and after">
          {preview.samples.map((sample, at) => (
            <Sample key={sample.refusalId} sample={sample} number={at + 1} />
          ))}
        </ol>
      )}
    </Flex>
  );
}
