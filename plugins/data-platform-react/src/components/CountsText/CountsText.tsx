import { formatCount } from '../../format';
import styles from './CountsText.module.css';

/**
 * The counts of a sealed partition.
 *
 * @public
 */
export interface Counts {
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
}

/**
 * Every accepted event has one fate, and this line shows that the fates add
 * up: `1,204 accepted = 1,200 delivered + 3 duplicates + 1 refused`. Where they
 * do not, it says by how much.
 *
 * @public
 */
export function CountsText(props: { counts: Counts }) {
  const { accepted, delivered, duplicates, refused } = props.counts;
  const missing = accepted - delivered - duplicates - refused;
  return (
    <span className={styles.root}>
      <strong>{formatCount(accepted)}</strong> accepted{' '}
      {missing === 0 ? '=' : '≠'} <strong>{formatCount(delivered)}</strong>{' '}
      delivered + <strong>{formatCount(duplicates)}</strong> duplicates +{' '}
      <strong>{formatCount(refused)}</strong> refused
      {missing !== 0 && (
        <span className={styles.missing}>
          {' '}
          ({formatCount(Math.abs(missing))}{' '}
          {missing > 0 ? 'unaccounted for' : 'too many'})
        </span>
      )}
    </span>
  );
}
