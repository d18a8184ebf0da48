import {
  type Draft,
  type DraftQuestion,
  EMPTY,
  emptyQuestion,
  IDS_OF_A_QUESTION,
  LIMITS,
  MIN_OPTIONS,
} from './draft';

/** What a visitor may do to a draft; questions and options are named by their positions. */
export type DraftAction =
  | { type: 'changed'; change: Partial<Omit<Draft, 'questions' | 'nextId'>> }
  | { type: 'question-added' }
  | { type: 'question-removed'; question: number }
  | { type: 'question-moved'; question: number; to: number }
  | { type: 'question-changed'; question: number; change: Partial<Omit<DraftQuestion, 'id' | 'options'>> }
  | { type: 'option-added'; question: number; position: number }
  | { type: 'option-removed'; question: number; option: number }
  | { type: 'option-moved'; question: number; option: number; to: number }
  | { type: 'option-changed'; question: number; option: number; text: string }
  /** The first line takes the option's place, the others come after it. */
  | { type: 'lines-pasted'; question: number; option: number; lines: string[] }
  | { type: 'tidied' }
  | { type: 'restarted' };

/** The draft after `action`; what can't be done leaves it as it is. */
export function reduce(draft: Draft, action: DraftAction): Draft {
  switch (action.type) {
    case 'changed':
      return settled({ ...draft, ...action.change });
    case 'question-added':
      return addQuestion(draft);
    case 'question-removed':
      return draft.questions.length === 1
        ? draft
        : { ...draft, questions: without(draft.questions, action.question) };
    case 'question-moved':
      return { ...draft, questions: moved(draft.questions, action.question, action.to) };
    case 'question-changed':
      return inQuestion(draft, action.question, (question) => ({ ...question, ...action.change }));
    case 'option-added':
      return insertOptions(draft, action.question, action.position, ['']);
    case 'option-removed':
      return inQuestion(draft, action.question, (question) => removeOption(question, action.option));
    case 'option-moved':
      return inQuestion(draft, action.question, (question) => ({
        ...question,
        options: moved(question.options, action.option, action.to),
      }));
    case 'option-changed':
      return writeOption(draft, action.question, action.option, action.text);
    case 'lines-pasted': {
      const [first = '', ...others] = action.lines;
      const written = writeOption(draft, action.question, action.option, first);
      return insertOptions(written, action.question, action.option + 1, others);
    }
    case 'tidied':
      return { ...draft, questions: draft.questions.map(tidied) };
    case 'restarted':
      return { ...EMPTY, questions: [emptyQuestion(draft.nextId)], nextId: draft.nextId + IDS_OF_A_QUESTION };
  }
}

/** Settings that exclude each other: the one that was there first gives way. */
function settled(draft: Draft): Draft {
  return {
    ...draft,
    allowVoteChange: draft.allowVoteChange && draft.voterIdentity !== 'browser_and_address',
    verifiedEmail: draft.verifiedEmail && draft.voterIdentity === 'account',
  };
}

function addQuestion(draft: Draft): Draft {
  if (draft.questions.length >= LIMITS.questions) return draft;
  const questions = [...draft.questions, emptyQuestion(draft.nextId)];
  return { ...draft, questions, nextId: draft.nextId + IDS_OF_A_QUESTION };
}

function inQuestion(
  draft: Draft,
  position: number,
  change: (question: DraftQuestion) => DraftQuestion,
): Draft {
  const questions = draft.questions.map((question, at) => (at === position ? change(question) : question));
  return { ...draft, questions };
}

function writeOption(draft: Draft, question: number, option: number, text: string): Draft {
  return inQuestion(draft, question, (known) => ({
    ...known,
    options: known.options.map((it, at) => (at === option ? { ...it, text } : it)),
  }));
}

function insertOptions(draft: Draft, question: number, position: number, texts: string[]): Draft {
  const room = LIMITS.options - (draft.questions[question]?.options.length ?? LIMITS.options);
  const added = texts.slice(0, room).map((text, at) => ({ id: draft.nextId + at, text }));
  const changed = inQuestion(draft, question, (known) => ({
    ...known,
    options: known.options.toSpliced(position, 0, ...added),
  }));
  return { ...changed, nextId: draft.nextId + added.length };
}

function removeOption(question: DraftQuestion, option: number): DraftQuestion {
  if (question.options.length <= MIN_OPTIONS) return question;
  return { ...question, options: without(question.options, option) };
}

/** Without the options that were left empty, as far as there are enough others. */
function tidied(question: DraftQuestion): DraftQuestion {
  const options = question.options.filter(({ text }) => text.trim());
  return options.length >= MIN_OPTIONS ? { ...question, options } : question;
}

function without<T>(list: T[], position: number): T[] {
  return list.filter((_, at) => at !== position);
}

function moved<T>(list: T[], from: number, to: number): T[] {
  const item = list[from];
  if (item === undefined || to < 0 || to >= list.length) return list;
  return list.toSpliced(from, 1).toSpliced(to, 0, item);
}
