import { Card } from '../../components/card';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { choiceRange, type Draft, type DraftQuestion, titleOf } from './draft';
import styles from './preview.module.css';

/** The poll as voters will see it; only to look at. */
export function Preview({ draft }: { draft: Draft }) {
  const t = useMessages(create);
  const isSingle = draft.questions.length === 1;
  return (
    <>
      <Card inert>
        <p className={styles.title}>{titleOf(draft) || (isSingle ? t.questionPlaceholder : t.pollTitle)}</p>
        {draft.description.trim() && <p className={styles.description}>{draft.description}</p>}
        {draft.questions.map((question, position) => (
          <PreviewQuestion
            key={question.id}
            question={question}
            heading={headingOf(question, draft) ?? (isSingle ? undefined : t.question(position + 1))}
          />
        ))}
        <span className={styles.vote}>{t.vote}</span>
      </Card>
      <p className={styles.caption}>{t.previewHint}</p>
    </>
  );
}

/** The question's text, unless it is the title. */
function headingOf({ text }: DraftQuestion, draft: Draft): string | undefined {
  const trimmed = text.trim();
  return trimmed && trimmed !== titleOf(draft) ? trimmed : undefined;
}

function PreviewQuestion({ question, heading }: { question: DraftQuestion; heading: string | undefined }) {
  const t = useMessages(create);
  const { min, max } = choiceRange(question);
  return (
    <div className={styles.question}>
      {heading && <p className={styles.heading}>{heading}</p>}
      {question.isMultiple && <p className={styles.rule}>{t.choose(min, max)}</p>}
      {question.options.map(({ id, text }, position) => (
        <div key={id} className={styles.option}>
          <span className={max > 1 ? styles.box : styles.circle} />
          <span className={text.trim() ? undefined : styles.placeholder}>
            {text.trim() || t.option(position + 1)}
          </span>
        </div>
      ))}
    </div>
  );
}
