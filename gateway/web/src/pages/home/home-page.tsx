import { ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { Icon, type IconName } from '../../components/icon';
import { Page } from '../../components/page';
import { useMessages } from '../../hooks/use-messages';
import { common } from '../../messages/common';
import { home } from '../../messages/home';
import styles from './home-page.module.css';
import { JoinForm } from './join-form';
import { Sample } from './sample';

const ICONS: IconName[] = ['check', 'chart', 'user'];

/** What Pollster is, and the two ways in: a poll of one's own, or that of somebody else. */
export default function HomePage() {
  const t = useMessages(home);
  const { appName } = useMessages(common);
  return (
    <Page title={appName} width="wide">
      <div className={styles.hero}>
        <div className={styles.words}>
          <h1 className={styles.title}>
            {t.title} <span className={styles.accent}>{t.titleAccent}</span>
          </h1>
          <p className={styles.lead}>{t.lead}</p>
          <ButtonLink href="/new" variant="primary" icon="plus" className={styles.create ?? ''}>
            {t.create}
          </ButtonLink>
          <Card className={styles.join}>
            <h2 className={styles.heading}>{t.join}</h2>
            <JoinForm />
          </Card>
        </div>
        <Sample />
      </div>
      <section aria-labelledby="points">
        <h2 id="points" className="visually-hidden">
          {t.pointsTitle}
        </h2>
        <ul className={styles.points}>
          {t.points.map(({ title, text }, at) => (
            <li key={title} className={styles.point}>
              <span className={styles.icon}>
                <Icon name={ICONS[at] ?? 'check'} />
              </span>
              <h3>{title}</h3>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </section>
    </Page>
  );
}
