import { CheckField, SelectField } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { choiceRange, type DraftQuestion } from './draft';
import styles from './settings.module.css';
import type { CreateForm } from './use-create-form';

interface ChoiceRangeProps {
  form: CreateForm;
  question: DraftQuestion;
  position: number;
}

/** How many options a voter may choose. */
export function ChoiceRange({ form, question, position }: ChoiceRangeProps) {
  const t = useMessages(create);
  const range = choiceRange(question);
  const counts = question.options.map((_, at) => at + 1);
  const change = (change: Partial<Pick<DraftQuestion, 'isMultiple' | 'min' | 'max'>>) =>
    form.change({ type: 'question-changed', question: position, change });
  return (
    <>
      <CheckField
        label={t.multiple}
        checked={question.isMultiple}
        onChange={(event) => change({ isMultiple: event.target.checked })}
      />
      {question.isMultiple && (
        <div className={styles.pair}>
          <SelectField
            name={`questions[${position}].min_choices`}
            label={t.atLeast}
            error={form.fault(`questions[${position}].min_choices`)}
            value={range.min}
            onChange={(event) => change({ min: Number(event.target.value) })}
          >
            {counts
              .filter((count) => count <= range.max)
              .map((count) => (
                <option key={count} value={count}>
                  {t.optionCount(count)}
                </option>
              ))}
          </SelectField>
          <SelectField
            name={`questions[${position}].max_choices`}
            label={t.atMost}
            error={form.fault(`questions[${position}].max_choices`)}
            value={question.max === 0 ? 0 : range.max}
            onChange={(event) => change({ max: Number(event.target.value) })}
          >
            <option value={0}>{t.anyNumber}</option>
            {counts
              .filter((count) => count >= range.min)
              .map((count) => (
                <option key={count} value={count}>
                  {t.optionCount(count)}
                </option>
              ))}
          </SelectField>
        </div>
      )}
    </>
  );
}
