import { describe, expect, it } from 'vitest';
import type { Poll, Status } from '../../client';
import { hiddenReason } from './hidden-reason';

function poll(
  result_visibility: Poll['settings']['result_visibility'],
  status: Status,
  ends_at?: string,
): Poll {
  return { status, ends_at: ends_at ?? null, settings: { result_visibility } } as Poll;
}

const HIDDEN = { tally: undefined, isHidden: true };
const SHOWN = {
  tally: { version: 1, totalVotes: 0, counts: new Map(), responses: new Map() },
  isHidden: false,
};

describe('results that voters see', () => {
  it('are hidden until one votes', () => {
    expect(hiddenReason(poll('after_vote', 'active'), HIDDEN, false)).toBe('afterVote');
  });

  it('are on their way to who voted', () => {
    expect(hiddenReason(poll('after_vote', 'active'), HIDDEN, true)).toBeUndefined();
  });

  it('stay hidden from others after the end', () => {
    expect(hiddenReason(poll('after_vote', 'closed'), HIDDEN, false)).toBe('votersOnly');
  });
});

describe('results that are shown at the end', () => {
  it('are hidden from who voted, too', () => {
    expect(hiddenReason(poll('after_close', 'active'), HIDDEN, true)).toBe('afterClose');
  });

  it('are hidden until the deadline', () => {
    expect(hiddenReason(poll('after_close', 'active', '2030-01-01T00:00:00Z'), HIDDEN, true)).toBe('until');
  });

  it('are being counted for a moment after it', () => {
    expect(hiddenReason(poll('after_close', 'closed'), HIDDEN, false)).toBe('coming');
  });
});

it('gives no reason where they can be seen, as by the creator', () => {
  expect(hiddenReason(poll('after_close', 'active'), SHOWN, false)).toBeUndefined();
  expect(
    hiddenReason(poll('always', 'active'), { tally: undefined, isHidden: false }, false),
  ).toBeUndefined();
});
