import { type HTMLAttributes, useId } from 'react';
import type { Choice, Question } from '../../client';
import { useMessages } from '../../hooks/use-messages';
import { vote } from '../../messages/vote';
import { Icon } from '../icon';
import styles from './option.module.css';
import { chosen, isFull, type Selection } from './selection';

interface QuestionFieldProps {
  question: Question;
  selection: Selection;
  /** How many choices are missing, as far as that is to be said. */
  missing: number;
  onToggle: (choiceId: string) => void;
  label: HTMLAttributes<HTMLElement>;
}

/** A question to answer. */
export function QuestionField(props: QuestionFieldProps) {
  const { question, selection, missing, onToggle, label } = props;
  const t = useMessages(vote);
  const id = useId();
  const count = chosen(selection, question).length;
  const isSingle = question.max_choices === 1;
  return (
    <fieldset
      {...label}
      className={styles.field}
      aria-describedby={missing > 0 ? `${id}-error` : `${id}-hint`}
      data-fault={missing > 0 || undefined}
    >
      <div className={styles.options}>
        {question.choices.map((choice) => (
          <Option
            key={choice.choice_id}
            choice={choice}
            name={id}
            type={isSingle ? 'radio' : 'checkbox'}
            isChosen={chosen(selection, question).includes(choice.choice_id)}
            isFull={isFull(selection, question)}
            onToggle={onToggle}
          />
        ))}
      </div>
      {missing > 0 ? (
        <p id={`${id}-error`} className={styles.error}>
          <Icon name="warning" size={18} />
          {count > 0 ? t.missingMore(missing) : t.missing(missing)}
        </p>
      ) : (
        <p id={`${id}-hint`} className={styles.hint}>
          {t.instruction(question.min_choices, question.max_choices)}
          {!isSingle && (
            <span role="status" className={styles.count}>
              {count > 0 && t.chosen(count, question.max_choices)}
            </span>
          )}
        </p>
      )}
    </fieldset>
  );
}

interface OptionProps {
  choice: Choice;
  name: string;
  type: 'radio' | 'checkbox';
  isChosen: boolean;
  /** Whether no more can be chosen. */
  isFull: boolean;
  onToggle: (choiceId: string) => void;
}

function Option({ choice, name, type, isChosen, isFull, onToggle }: OptionProps) {
  return (
    <label className={styles.option}>
      <input
        type={type}
        name={name}
        checked={isChosen}
        disabled={isFull && !isChosen}
        onChange={() => onToggle(choice.choice_id)}
      />
      <span>{choice.text}</span>
    </label>
  );
}
