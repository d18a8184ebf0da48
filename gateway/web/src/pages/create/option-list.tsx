import { useRef } from 'react';
import { Button } from '../../components/button';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { type DraftQuestion, LIMITS } from './draft';
import { optionField } from './fields';
import styles from './option-list.module.css';
import { OptionRow } from './option-row';
import type { CreateForm } from './use-create-form';
import { useDrag } from './use-drag';
import { duplicates } from './validate';

interface OptionListProps {
  form: CreateForm;
  question: DraftQuestion;
  position: number;
}

/** The options of a question: to write, to add, to remove and to put in order. */
export function OptionList({ form, question, position }: OptionListProps) {
  const t = useMessages(create);
  const list = useRef<HTMLOListElement>(null);
  const { options } = question;
  const same = duplicates(question);
  const drag = useDrag(list, (option, to) =>
    form.change({ type: 'option-moved', question: position, option, to }),
  );
  const add = () =>
    form.change(
      { type: 'option-added', question: position, position: options.length },
      { focus: optionField(position, options.length) },
    );
  return (
    <fieldset className={styles.options}>
      <legend>{t.options}</legend>
      <ol ref={list} className={styles.list}>
        {options.map((option, at) => (
          <OptionRow
            key={option.id}
            form={form}
            question={position}
            option={at}
            text={option.text}
            count={options.length}
            sameAs={same[at]}
            isDragged={drag.dragged === at}
            onGrip={(event) => drag.start(event, at)}
          />
        ))}
      </ol>
      {options.length < LIMITS.options ? (
        <Button icon="plus" variant="ghost" className={styles.add} onClick={add}>
          {t.addOption}
        </Button>
      ) : (
        <p>{t.optionsFull}</p>
      )}
      <p className={styles.hint}>{t.optionsHint}</p>
    </fieldset>
  );
}
