import { appThemeApiRef, useApi } from '@backstage/frontend-plugin-api';
import { UnifiedThemeProvider, themes } from '@backstage/theme';
import { type ReactNode, useCallback, useSyncExternalStore } from 'react';

const DARK = '(prefers-color-scheme: dark)';

/** Whether the system asks for dark pages. */
function usePrefersDark(): boolean {
  return useSyncExternalStore(
    useCallback(onChange => {
      const query = window.matchMedia?.(DARK);
      query?.addEventListener('change', onChange);
      return () => query?.removeEventListener('change', onChange);
    }, []),
    () => window.matchMedia?.(DARK).matches ?? false,
  );
}

/** The theme that somebody chose in the settings; undefined means the system's. */
function useChosenTheme(): string | undefined {
  const api = useApi(appThemeApiRef);
  return useSyncExternalStore(
    useCallback(
      onChange => {
        const subscription = api.activeThemeId$().subscribe(onChange);
        return () => subscription.unsubscribe();
      },
      [api],
    ),
    () => api.getActiveThemeId(),
  );
}

/**
 * The provider of both themes. Backstage renders the provider of the theme in
 * force; were there one for each, a switch would be another tree to React, and
 * every page would start anew: a dialog would close, and what was typed be gone,
 * at the moment the system turns dark in the evening.
 */
export function SwitchingThemeProvider(props: { children: ReactNode }) {
  const prefersDark = usePrefersDark();
  const chosen = useChosenTheme();
  const isDark = chosen === undefined ? prefersDark : chosen === 'dark';
  return (
    <UnifiedThemeProvider theme={isDark ? themes.dark : themes.light}>
      {props.children}
    </UnifiedThemeProvider>
  );
}
