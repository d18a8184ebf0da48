import type { ResultVisibility, VoterIdentity } from '../../client';
import { isRecord, stored } from '../../state/stored';

/** What the server takes at most; texts are counted in characters. */
export const LIMITS = { title: 200, description: 2000, text: 500, questions: 20, options: 50 } as const;
/** There is nothing to choose from fewer. */
export const MIN_OPTIONS = 2;

/** How long a poll may be open; `at` is until a time of its own. */
export type Deadline = 'none' | 'minutes' | 'hour' | 'day' | 'week' | 'at';

/** An option of a question; its id is what the page tells it apart by while it moves. */
export interface DraftOption {
  id: number;
  text: string;
}

export interface DraftQuestion {
  id: number;
  text: string;
  options: DraftOption[];
  /** Whether a voter may choose several options; how many is `min` to `max`. */
  isMultiple: boolean;
  min: number;
  /** 0 for as many as there are. */
  max: number;
}

/** A poll in the making, as the visitor entered it. */
export interface Draft {
  /** Empty where the only question is the title. */
  title: string;
  description: string;
  questions: DraftQuestion[];
  deadline: Deadline;
  /** In local time, as the browser's field writes it; counts where the deadline is `at` it. */
  endsAt: string;
  /** `at` a time, or as soon as it is created. */
  start: 'now' | 'at';
  startsAt: string;
  voterIdentity: VoterIdentity;
  resultVisibility: ResultVisibility;
  allowVoteChange: boolean;
  captcha: boolean;
  verifiedEmail: boolean;
  /** The next id that is free. */
  nextId: number;
}

/** A question without text or options' texts; it takes the ids from `id`. */
export function emptyQuestion(id: number): DraftQuestion {
  const options = Array.from({ length: MIN_OPTIONS }, (_, position) => ({ id: id + 1 + position, text: '' }));
  return { id, text: '', options, isMultiple: false, min: 1, max: 0 };
}

/** How many ids `emptyQuestion` takes. */
export const IDS_OF_A_QUESTION = 1 + MIN_OPTIONS;

/** What the page starts with. */
export const EMPTY: Draft = {
  title: '',
  description: '',
  questions: [emptyQuestion(0)],
  deadline: 'none',
  endsAt: '',
  start: 'now',
  startsAt: '',
  voterIdentity: 'browser',
  resultVisibility: 'always',
  allowVoteChange: false,
  captcha: false,
  verifiedEmail: false,
  nextId: IDS_OF_A_QUESTION,
};

/** The fewest and the most options that an answer may hold: never more than there are. */
export function choiceRange({ options, isMultiple, min, max }: DraftQuestion): { min: number; max: number } {
  if (!isMultiple) return { min: 1, max: 1 };
  const most = max === 0 ? options.length : Math.min(max, options.length);
  return { min: Math.min(min, most), max: most };
}

/** The draft's title, which is its only question's text where it has none of its own. */
export function titleOf({ title, questions }: Draft): string {
  return title.trim() || (questions.length === 1 ? (questions[0]?.text.trim() ?? '') : '');
}

/** Whether `value` has all members of `example`, of the same types, all the way down. */
function isLike(value: unknown, example: unknown): boolean {
  if (Array.isArray(example)) {
    return Array.isArray(value) && value.length > 0 && value.every((item) => isLike(item, example[0]));
  }
  if (isRecord(example)) {
    return isRecord(value) && Object.keys(example).every((key) => isLike(value[key], example[key]));
  }
  return typeof value === typeof example;
}

const isDraft = (value: unknown): value is Draft => isLike(value, EMPTY);

/** The draft that the browser keeps until its poll is created. */
export const keptDraft = stored<Draft>('draft', EMPTY, isDraft);
