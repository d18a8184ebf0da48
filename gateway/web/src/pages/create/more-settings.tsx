import { Card } from '../../components/card';
import { CheckField } from '../../components/field';
import { Icon } from '../../components/icon';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { page } from '../../state/page';
import type { Draft } from './draft';
import { RadioGroup } from './radio-group';
import { Schedule } from './schedule';
import styles from './settings.module.css';
import { TitleFields } from './title-fields';
import type { CreateForm } from './use-create-form';

/** What most polls can leave as it is; closed, it says how it is. */
export function MoreSettings({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const { draft, isMoreOpen, setMoreOpen } = form;
  return (
    <Card className={styles.card}>
      <details open={isMoreOpen} onToggle={(event) => setMoreOpen(event.currentTarget.open)}>
        <summary className={styles.summary}>
          <span>
            <span className={styles.title}>{t.more}</span>
            {!isMoreOpen && <Summary draft={draft} />}
          </span>
          <Icon name="down" />
        </summary>
        <div className={styles.body}>
          {draft.questions.length === 1 && (
            <fieldset className={styles.group}>
              <legend>{t.titleGroup}</legend>
              <TitleFields form={form} />
            </fieldset>
          )}
          <Schedule form={form} />
          <Votes form={form} />
        </div>
      </details>
    </Card>
  );
}

function Summary({ draft }: { draft: Draft }) {
  const t = useMessages(create);
  const { dateTime } = useFormats();
  const at = (time: string) => (time ? dateTime(time) : '…');
  const start = draft.start === 'at' ? at(draft.startsAt) : t.starts.now;
  const end = draft.deadline === 'at' ? at(draft.endsAt) : t.deadlines[draft.deadline];
  return (
    <ul className={styles.state}>
      <li>
        {t.start}: {start} · {t.deadline}: {end}
      </li>
      <li>
        {t.voters} {t.voter[draft.voterIdentity]}
      </li>
      <li>
        {t.results} {t.visibility[draft.resultVisibility]}
      </li>
    </ul>
  );
}

function Votes({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const { draft } = form;
  const change = (change: Partial<Draft>) => form.change({ type: 'changed', change });
  const isChangeable = draft.voterIdentity !== 'browser_and_address';
  return (
    <>
      <RadioGroup
        name="settings.voter_identity"
        legend={t.voters}
        labels={t.voter}
        hints={t.voterHint}
        value={draft.voterIdentity}
        onChange={(voterIdentity) => change({ voterIdentity })}
      />
      {draft.voterIdentity === 'account' && (
        <CheckField
          name="settings.verified_email"
          label={t.verified}
          checked={draft.verifiedEmail}
          onChange={(event) => change({ verifiedEmail: event.target.checked })}
        />
      )}
      <RadioGroup
        name="settings.result_visibility"
        legend={t.results}
        labels={t.visibility}
        hints={t.visibilityHint}
        value={draft.resultVisibility}
        onChange={(resultVisibility) => change({ resultVisibility })}
      />
      <fieldset className={styles.group}>
        <legend>{t.votesGroup}</legend>
        <CheckField
          name="settings.allow_vote_change"
          label={t.change}
          hint={isChangeable ? t.changeHint : t.changeImpossible}
          disabled={!isChangeable}
          checked={draft.allowVoteChange}
          onChange={(event) => change({ allowVoteChange: event.target.checked })}
        />
        {page.captchaOrigins.length > 0 && (
          <CheckField
            name="settings.captcha"
            label={t.captcha}
            hint={t.captchaHint}
            checked={draft.captcha}
            onChange={(event) => change({ captcha: event.target.checked })}
          />
        )}
      </fieldset>
    </>
  );
}
