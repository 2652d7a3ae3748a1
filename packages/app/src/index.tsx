import '@backstage/cli/asset-types';
import ReactDOM from 'react-dom/client';
import { createMillraceApp } from './App';
import '@backstage/ui/css/styles.css';
import './theme/theme.css';

ReactDOM.createRoot(document.getElementById('root')!).render(
  createMillraceApp().createRoot(),
);
