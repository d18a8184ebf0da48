import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import { ButtonLink } from './button';
import { Card } from './card';
import { Page } from './page';

/** For addresses that lead nowhere, and polls that are not there. */
export function NotFound() {
  const t = useMessages(common);
  return (
    <Page title={t.notFound.title}>
      <Card>
        <h1>{t.notFound.title}</h1>
        <p>{t.notFound.text}</p>
        <ButtonLink href="/" variant="primary">
          {t.home}
        </ButtonLink>
      </Card>
    </Page>
  );
}
