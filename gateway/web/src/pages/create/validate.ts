import { type Draft, type DraftQuestion, LIMITS, titleOf } from './draft';
import { optionField, questionField } from './fields';
import { endOf, startOf } from './times';

/** What may be wrong with a field. */
export type Fault =
  | { code: 'title-empty' | 'question-empty' | 'option-empty' }
  | { code: 'too-long'; limit: number }
  /** Too long for a title, which it is as long as the poll has no other. */
  | { code: 'question-is-title'; limit: number }
  | { code: 'time-missing' | 'time-past' | 'ends-before-start' }
  /** In the server's own words. */
  | { code: 'server'; detail: string };

/** What is wrong, by the names of the fields. */
export type Faults = ReadonlyMap<string, Fault>;

/** All that the server would refuse in `draft` at `now`. */
export function validate(draft: Draft, now: Date): Faults {
  return new Map([
    ...titleFaults(draft),
    ...tooLong('description', draft.description, LIMITS.description),
    ...draft.questions.flatMap(questionFaults),
    ...timeFaults(draft, now),
  ]);
}

/** What the server refused, at the fields of the page. */
export function serverFaults(fields: ReadonlyMap<string, string>, draft: Draft): Faults {
  const isQuestionTitle = !draft.title.trim() && draft.questions.length === 1;
  return new Map(
    [...fields].map(([field, detail]) => [
      field === 'title' && isQuestionTitle ? questionField(0) : field,
      { code: 'server', detail },
    ]),
  );
}

/** For each option, the position of an earlier one of the same text, if there is any. */
export function duplicates({ options }: DraftQuestion): (number | undefined)[] {
  const first = new Map<string, number>();
  return options.map(({ text }, position) => {
    const key = text.trim().toLocaleLowerCase();
    const earlier = key ? first.get(key) : undefined;
    if (earlier === undefined) first.set(key, position);
    return earlier;
  });
}

type Entry = [field: string, fault: Fault];

function titleFaults(draft: Draft): Entry[] {
  const title = titleOf(draft);
  if (draft.title.trim()) return tooLong('title', title, LIMITS.title);
  if (draft.questions.length > 1) return [['title', { code: 'title-empty' }]];
  if (length(title) <= LIMITS.title) return [];
  return [[questionField(0), { code: 'question-is-title', limit: LIMITS.title }]];
}

function questionFaults(question: DraftQuestion, position: number): Entry[] {
  const options = question.options.flatMap(({ text }, option): Entry[] =>
    text.trim()
      ? tooLong(optionField(position, option), text, LIMITS.text)
      : [[optionField(position, option), { code: 'option-empty' }]],
  );
  const field = questionField(position);
  if (!question.text.trim()) return [[field, { code: 'question-empty' }], ...options];
  return [...tooLong(field, question.text, LIMITS.text), ...options];
}

function timeFaults(draft: Draft, now: Date): Entry[] {
  const start = startOf(draft);
  const startFault = start && timeFault(start, now);
  if (startFault) return [['starts_at', startFault]];
  const end = endOf(draft, now);
  const endFault = end && (timeFault(end, now) ?? orderFault(start, end));
  return endFault ? [['ends_at', endFault]] : [];
}

function timeFault(time: Date, now: Date): Fault | undefined {
  if (Number.isNaN(time.getTime())) return { code: 'time-missing' };
  return time > now ? undefined : { code: 'time-past' };
}

function orderFault(start: Date | null, end: Date): Fault | undefined {
  return start && end <= start ? { code: 'ends-before-start' } : undefined;
}

function tooLong(field: string, text: string, limit: number): Entry[] {
  return length(text.trim()) > limit ? [[field, { code: 'too-long', limit }]] : [];
}

/** In characters, as the server counts; a string's own length counts some of them twice. */
const length = (text: string) => [...text].length;
