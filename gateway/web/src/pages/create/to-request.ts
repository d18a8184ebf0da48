import type { PollDraft } from '../../client';
import { choiceRange, type Draft, type DraftQuestion, titleOf } from './draft';
import { endOf, startOf } from './times';

/** A valid draft as the server takes it; deadlines that are durations count from `now`, or from its start. */
export function toRequest(draft: Draft, now: Date): PollDraft {
  const { voterIdentity, resultVisibility, allowVoteChange, captcha, verifiedEmail } = draft;
  return {
    title: titleOf(draft),
    description: draft.description.trim(),
    questions: draft.questions.map(question),
    starts_at: startOf(draft)?.toISOString() ?? null,
    ends_at: endOf(draft, now)?.toISOString() ?? null,
    settings: {
      voter_identity: voterIdentity,
      result_visibility: resultVisibility,
      allow_vote_change: allowVoteChange,
      ...(captcha && { captcha }),
      ...(verifiedEmail && { verified_email: verifiedEmail }),
    },
  };
}

function question(draft: DraftQuestion): PollDraft['questions'][number] {
  const { min, max } = choiceRange(draft);
  const choices = draft.options.map(({ text }) => text.trim());
  return { text: draft.text.trim(), choices, min_choices: min, max_choices: max };
}
