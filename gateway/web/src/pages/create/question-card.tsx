import type { KeyboardEvent } from 'react';
import { IconButton } from '../../components/button';
import { Card } from '../../components/card';
import { TextField } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { ChoiceRange } from './choice-range';
import type { DraftQuestion } from './draft';
import { type Direction, optionField, questionButton, questionField } from './fields';
import { OptionList } from './option-list';
import styles from './question-card.module.css';
import type { CreateForm } from './use-create-form';

interface QuestionProps {
  form: CreateForm;
  question: DraftQuestion;
  position: number;
}

/** A question with its options. */
export function QuestionCard({ form, question, position }: QuestionProps) {
  const t = useMessages(create);
  const isSingle = form.draft.questions.length === 1;
  const field = questionField(position);
  /** On to the options; Enter alone would send the form. */
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    const first = event.currentTarget.form?.elements.namedItem(optionField(position, 0));
    if (first instanceof HTMLElement) first.focus();
  };
  return (
    <Card role="group" aria-label={t.question(position + 1)} className={styles.question}>
      {!isSingle && <QuestionHeader form={form} question={question} position={position} />}
      <TextField
        name={field}
        label={isSingle ? t.yourQuestion : t.question(position + 1)}
        labelHidden={!isSingle}
        placeholder={t.questionHint}
        error={form.fault(field)}
        required
        autoComplete="off"
        value={question.text}
        onChange={(event) =>
          form.change({
            type: 'question-changed',
            question: position,
            change: { text: event.target.value },
          })
        }
        onKeyDown={onKeyDown}
      />
      <OptionList form={form} question={question} position={position} />
      <ChoiceRange form={form} question={question} position={position} />
    </Card>
  );
}

function QuestionHeader({ form, position }: QuestionProps) {
  const t = useMessages(create);
  const count = form.draft.questions.length;
  const name = t.question(position + 1);
  const move = (direction: Direction) => {
    const to = position + (direction === 'up' ? -1 : 1);
    if (to < 0 || to >= count) return;
    form.change(
      { type: 'question-moved', question: position, to },
      { focus: questionButton(to, direction), said: t.moved(name, to + 1, count) },
    );
  };
  const remove = () =>
    form.change(
      { type: 'question-removed', question: position },
      { focus: questionField(Math.min(position, count - 2)), said: t.removed(name) },
    );
  return (
    <div className={styles.header}>
      <h2>{name}</h2>
      <IconButton
        icon="up"
        label={t.moveUp(name)}
        name={questionButton(position, 'up')}
        aria-disabled={position === 0 || undefined}
        onClick={() => move('up')}
      />
      <IconButton
        icon="down"
        label={t.moveDown(name)}
        name={questionButton(position, 'down')}
        aria-disabled={position === count - 1 || undefined}
        onClick={() => move('down')}
      />
      <IconButton icon="trash" label={t.remove(name)} onClick={remove} />
    </div>
  );
}
