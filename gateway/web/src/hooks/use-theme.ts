import { useLayoutEffect } from 'react';
import { showTheme, type Theme, theme } from '../state/theme';
import { useStored } from './use-stored';

/** Has the page shown in the theme that `choose` makes of the chosen one, as long as the component is there. */
export function useTheme(choose: (chosen: Theme) => Theme): void {
  const chosen = useStored(theme);
  const shown = choose(chosen);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new choice is shown everywhere else, and must not be here
  useLayoutEffect(() => {
    showTheme(shown);
    return () => showTheme(theme.get());
  }, [shown, chosen]);
}
