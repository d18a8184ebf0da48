import { useState } from 'react';
import type { Me, NotificationChoices } from '../../client';
import { ProblemAlert } from '../../components/alert';
import { Card } from '../../components/card';
import { CheckField, SelectField } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { notifications } from '../../messages/notifications';
import styles from './notifications.module.css';
import { useChangeMe } from './use-change-me';

const SWITCHES = ['milestones', 'closings', 'nudges', 'email'] as const;
const DIGESTS: NotificationChoices['digest'][] = ['off', 'daily', 'weekly'];

/** What the account is told, and how; each choice is saved at once. */
export function ChoicesCard({ me }: { me: Me }) {
  const t = useMessages(notifications).choices;
  const change = useChangeMe();
  // Shown as chosen until the server says what is so.
  const [pending, setPending] = useState<Partial<NotificationChoices>>({});
  const [isSaved, setSaved] = useState(false);
  const choices = { ...me.notification_choices, ...pending };
  const save = async (choice: Partial<NotificationChoices>) => {
    setPending((others) => ({ ...others, ...choice }));
    setSaved(false);
    setSaved(await change.run({ notification_choices: choice }));
    setPending((others) => rest(others, choice));
  };
  return (
    <Card>
      <div className={styles.head}>
        <h2>{t.title}</h2>
        {/* Always there, so that what comes is read out. */}
        <p role="status" className={styles.saved}>
          {isSaved && t.saved}
        </p>
      </div>
      <fieldset className={styles.choices}>
        <legend className="visually-hidden">{t.title}</legend>
        {SWITCHES.map((name) => (
          <CheckField
            key={name}
            label={t[name]}
            hint={t[`${name}Hint`]}
            checked={choices[name]}
            onChange={({ target }) => save({ [name]: target.checked })}
          />
        ))}
        <SelectField
          label={t.digest}
          hint={t.digestHint}
          value={choices.digest}
          onChange={({ target }) => save({ digest: digestOf(target.value) })}
        >
          {DIGESTS.map((digest) => (
            <option key={digest} value={digest}>
              {t.digests[digest]}
            </option>
          ))}
        </SelectField>
      </fieldset>
      {change.problem && <ProblemAlert problem={change.problem} />}
    </Card>
  );
}

/** `choices` without those of `settled`. */
function rest(choices: Partial<NotificationChoices>, settled: Partial<NotificationChoices>) {
  return Object.fromEntries(Object.entries(choices).filter(([name]) => !(name in settled)));
}

function digestOf(value: string): NotificationChoices['digest'] {
  return DIGESTS.find((digest) => digest === value) ?? 'off';
}
