import { formatCount } from '../../format';
import styles from './Num.module.css';

/**
 * A count whose digits stand under each other in a column.
 *
 * @public
 */
export function Num(props: { value: number }) {
  return <span className={styles.root}>{formatCount(props.value)}</span>;
}
