import type { MouseEvent } from 'react';
import styles from './SkipLink.module.css';

/** What the page itself begins with, best first. */
const STARTS = ['main', 'article', 'h1'];

/**
 * The first stop of the Tab key: leads past the sidebar to the page. Backstage's
 * own appears only where a page has told the sidebar of its content, which pages
 * of the new frontend system do not.
 */
export function SkipLink() {
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    const start = STARTS.map(selector =>
      document.querySelector<HTMLElement>(selector),
    ).find(Boolean);
    if (start) {
      start.tabIndex = -1;
      start.focus();
    }
  };
  return (
    <a href="#page" className={styles.root} onClick={skip}>
      Skip to the page
    </a>
  );
}
