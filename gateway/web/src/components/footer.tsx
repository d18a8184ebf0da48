import { useEffect } from 'react';
import { useMessages } from '../hooks/use-messages';
import { useStored } from '../hooks/use-stored';
import { common } from '../messages/common';
import { LOCALES, type Locale, locale } from '../state/locale';
import { type Theme, theme } from '../state/theme';
import styles from './footer.module.css';
import { Icon, type IconName } from './icon';

/** Each language calls itself by its own name. */
const LANGUAGES: Record<Locale, string> = { en: 'English', de: 'Deutsch' };
const THEMES: Record<Theme, IconName> = { system: 'device', dark: 'moon', light: 'sun' };

/** What the visitor chooses for every page. */
export function Footer() {
  const t = useMessages(common);
  const chosenTheme = useStored(theme);
  const language = useStored(locale);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <footer className={styles.footer}>
      <p>
        <span className={styles.promise}>{t.footer}</span> <a href="/api/v1/docs">{t.apiDocs}</a>
      </p>
      <div className={styles.choices}>
        <label className={styles.choice}>
          <Icon name={THEMES[chosenTheme]} size={18} />
          <span className="visually-hidden">{t.theme}</span>
          <select value={chosenTheme} onChange={(event) => theme.set(event.target.value as Theme)}>
            {(Object.keys(THEMES) as Theme[]).map((name) => (
              <option key={name} value={name}>
                {t.themes[name]}
              </option>
            ))}
          </select>
        </label>
        <label className={styles.choice}>
          <Icon name="globe" size={18} />
          <span className="visually-hidden">{t.language}</span>
          <select value={language} onChange={(event) => locale.set(event.target.value as Locale)}>
            {LOCALES.map((name) => (
              <option key={name} value={name} lang={name}>
                {LANGUAGES[name]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </footer>
  );
}
