import type { Question } from '../../client';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import type { Tally } from '../../state/tally';
import { standing } from './standing';
import { useSeldom } from './use-seldom';

/** More choices than these in the lead are only counted. */
const NAMED = 3;

interface AnnouncerProps {
  questions: Question[];
  tally: Tally | undefined;
}

/**
 * Tells assistive technology how the results changed, politely and seldom. Embedded polls do without: there the page
 * around is what the visitor reads, and it should not be talked over; the results can be read at any time.
 */
export function Announcer({ questions, tally }: AnnouncerProps) {
  const summary = useSummary(questions, tally);
  return (
    <p className="visually-hidden" role="status">
      {useSeldom(summary)}
    </p>
  );
}

/** The results in a sentence: of several questions only how many votes there are, for the sake of brevity. */
function useSummary(questions: Question[], tally: Tally | undefined): string | undefined {
  const t = useMessages(results);
  const { percent } = useFormats();
  if (!tally) return undefined;
  const [first, ...others] = questions.map((question) => standing(question, tally));
  if (!first) return undefined;
  if (others.length > 0) {
    return `${t.inAll(others.reduce((sum, { responses }) => sum + responses, first.responses))}.`;
  }
  const leaders = first.choices.filter(({ isLeading }) => isLeading);
  const [leader] = leaders;
  if (!leader) return `${t.responses(first.responses)}.`;
  const names =
    leaders.length > NAMED ? t.tied(leaders.length) : leaders.map(({ choice }) => choice.text).join(', ');
  return t.summary(t.responses(first.responses), names, percent(leader.percentage));
}
