import type {
  LatenessStage,
  LedgerBucket,
} from '@millrace/plugin-delivery-common';

/** What each part of the lateness was spent on, in words. */
const STAGES: { [stage in LatenessStage]: string } = {
  publish: 'until the broker had the last batch of it',
  stage: 'until a worker had staged the last batch of it',
  close: 'until a sealer held it to be complete',
  seal: 'until its partition was written and readers saw it',
};

/** How long each stage of a bucket took. */
export interface StageShare {
  stage: LatenessStage;
  what: string;
  seconds: number;
}

/** The stages of a sealed bucket, in their order; empty when they are not known. */
export function stagesOf(bucket: LedgerBucket): StageShare[] {
  return (bucket.stages?.shares ?? []).map(({ stage, ms }) => ({
    stage,
    what: STAGES[stage],
    seconds: ms / 1000,
  }));
}

/** Why a bucket that is sealed was late: the stage that took longest. */
export function describeSealedLate(bucket: LedgerBucket): string {
  const [longest] = stagesOf(bucket).sort((a, b) => b.seconds - a.seconds);
  const latenessMs = bucket.partition?.latenessMs;
  const lateness =
    latenessMs === undefined
      ? 'It was sealed later than its objective.'
      : `It was sealed ${
          latenessMs / 1000
        } s after its end, later than its objective.`;
  const forced = bucket.isForced
    ? ' A person ordered it to be closed with what it had.'
    : '';
  return longest
    ? `${lateness} Most of that, ${longest.seconds} s, went by ${longest.what}.${forced}`
    : `${lateness} Where the time went was not recorded.${forced}`;
}
