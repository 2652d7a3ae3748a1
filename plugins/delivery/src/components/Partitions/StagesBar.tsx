import type {
  LatenessStage,
  LatenessStages,
} from '@millrace/plugin-delivery-common';
import { STAGE_WORDS, describeStages } from './describeRow';
import styles from './StagesBar.module.css';

const STAGES: LatenessStage[] = ['publish', 'stage', 'close', 'seal'];

/** What each pattern of the bars below means. */
export function StagesLegend() {
  return (
    <ul className={styles.legend} aria-label="Stages of lateness">
      {STAGES.map(stage => (
        <li key={stage}>
          <span
            className={`${styles.swatch} ${styles[stage]}`}
            aria-hidden="true"
          />
          {STAGE_WORDS[stage]}
        </li>
      ))}
      <li>
        <span className={styles.objectiveSwatch} aria-hidden="true" />
        objective
      </li>
    </ul>
  );
}

/**
 * Where the lateness of a bucket went, as a share each, and below how it stands
 * to the objective: the line marks the objective.
 */
export function StagesBar(props: {
  stages: LatenessStages;
  latenessMs: number;
  objectiveMs: number;
  /** As wide as there is room, not as a cell of a table. */
  isWide?: boolean;
}) {
  const { stages, latenessMs, objectiveMs, isWide } = props;
  const whole = Math.max(latenessMs, objectiveMs, 1);
  const percent = (ms: number) => `${(Math.max(ms, 0) / whole) * 100}%`;
  const text = describeStages(stages);
  return (
    <span
      className={`${styles.root} ${isWide ? styles.wide : ''}`}
      role="img"
      aria-label={text}
      title={text}
    >
      <span className={styles.bar}>
        {stages.shares
          .filter(({ ms }) => ms > 0)
          .map(({ stage, ms }) => (
            <span
              key={stage}
              className={`${styles.share} ${styles[stage]}`}
              style={{ flexGrow: ms }}
            />
          ))}
      </span>
      <span className={styles.track}>
        <span
          className={latenessMs > objectiveMs ? styles.beyond : styles.within}
          style={{ width: percent(latenessMs) }}
        />
        <span
          className={styles.objective}
          style={{ left: percent(objectiveMs) }}
        />
      </span>
    </span>
  );
}
