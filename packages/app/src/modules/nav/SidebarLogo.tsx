import { useSidebarOpenState } from '@backstage/core-components';
import { Link } from 'react-router-dom';
import { Logo, LogoMark } from '../../components/Logo';
import styles from './SidebarLogo.module.css';

export function SidebarLogo() {
  const { isOpen } = useSidebarOpenState();
  return (
    <Link to="/" className={styles.root} aria-label="Millrace, home">
      {isOpen ? <Logo size={28} /> : <LogoMark size={28} />}
    </Link>
  );
}
