import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { useLocation } from 'react-router-dom';
import { fieldsRouteRef, rootRouteRef } from '../../routes';
import styles from './ListTabs.module.css';

/**
 * Between the event types and the fields that they have. Links, and no tabs: each
 * leads to a page of its own.
 */
export function ListTabs() {
  const eventTypes = useRouteRef(rootRouteRef);
  const fields = useRouteRef(fieldsRouteRef);
  const { pathname } = useLocation();
  if (!eventTypes || !fields) {
    return null;
  }
  const isFields = pathname.endsWith('/fields');
  const pages = [
    { href: eventTypes(), label: 'Event types', isCurrent: !isFields },
    { href: fields(), label: 'Fields', isCurrent: isFields },
  ];
  return (
    <nav aria-label="What is listed">
      <ul className={styles.pages}>
        {pages.map(({ href, label, isCurrent }) => (
          <li key={label} className={isCurrent ? styles.current : undefined}>
            <Link
              href={href}
              standalone
              aria-current={isCurrent ? 'page' : undefined}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
