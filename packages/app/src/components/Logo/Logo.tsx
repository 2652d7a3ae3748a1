import styles from './Logo.module.css';

/** The wheel over the water, in the colour of the text around it. */
export function LogoMark(props: { size?: number }) {
  const { size = 32 } = props;
  return (
    <svg
      className={styles.mark}
      width={size}
      height={size}
      viewBox="0 0 32 32"
      aria-hidden="true"
      focusable="false"
    >
      <circle cx="16" cy="13" r="7.5" />
      <path d="M16 2.5v21M5.5 13h21M8.6 5.6l14.8 14.8M23.4 5.6 8.6 20.4" />
      <path
        className={styles.water}
        d="M2.5 28.5c2.25-2 4.5-2 6.75 0s4.5 2 6.75 0 4.5-2 6.75 0 4.5 2 6.75 0"
      />
    </svg>
  );
}

/** The mark with the name beside it. */
export function Logo(props: { size?: number }) {
  return (
    <span className={styles.root}>
      <LogoMark size={props.size} />
      <span className={styles.name}>Millrace</span>
    </span>
  );
}
