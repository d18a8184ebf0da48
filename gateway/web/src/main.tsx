import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { loadPictured } from './first-pages';
import { reloadWhereOutdated } from './outdated';
import './styles/base.css';
import { applyTheme } from './state/theme';

applyTheme();
reloadWhereOutdated();

const root = document.getElementById('root');
if (root) void loadPictured(root).then(() => show(root));

function show(root: Element): void {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
