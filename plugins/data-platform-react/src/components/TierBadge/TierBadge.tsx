import { Badge } from '@backstage/ui';
import styles from './TierBadge.module.css';

const MEANING = {
  critical: 'Critical: closed and sealed first when capacity is scarce',
  normal: 'Normal: sealed within the length of a bucket',
  low: 'Low: may wait when capacity is scarce',
};

/**
 * The tier of an event type; what it means is its title.
 *
 * @public
 */
export function TierBadge(props: { tier: 'critical' | 'normal' | 'low' }) {
  return (
    <Badge className={styles.root} title={MEANING[props.tier]}>
      {props.tier}
    </Badge>
  );
}
