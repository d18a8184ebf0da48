// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import type { Poll } from '../client';
import { learn, merged, type OwnBallot, ownBallot, reconciled, votedBy } from './ballots';

const THAI = { question_id: 'where', choice_ids: ['thai'] };
const PIZZA = { question_id: 'where', choice_ids: ['pizza'] };
const NOON = { question_id: 'when', choice_ids: ['noon'] };

function ballot(change: Partial<OwnBallot> = {}): OwnBallot {
  return { key: 'k', kind: 'cast', answers: [THAI], before: [], state: 'accepted', voter: 'me', ...change };
}

describe('what is voted', () => {
  it('is what the ballot says as soon as it is sent', () => {
    expect(votedBy(ballot({ state: 'sending' }))).toEqual([THAI]);
  });

  it('holds the answers of earlier ballots to other questions', () => {
    expect(votedBy(ballot({ answers: [NOON], before: [THAI] }))).toEqual([THAI, NOON]);
  });

  it('is what was before where the ballot is refused', () => {
    expect(votedBy(ballot({ kind: 'change', answers: [PIZZA], before: [THAI], state: 'refused' }))).toEqual([
      THAI,
    ]);
  });

  it('is nothing once all is taken back', () => {
    expect(votedBy(ballot({ kind: 'revoke', answers: [], before: [THAI] }))).toEqual([]);
  });

  it('is the later answer to a question', () => {
    expect(merged([THAI, NOON], [PIZZA])).toEqual([NOON, PIZZA]);
  });
});

describe('what the server says', () => {
  it('stands where this browser kept nothing', () => {
    const found = reconciled(null, { where: ['thai'] }, 'me');
    expect(found?.state).toBe('confirmed');
    expect(votedBy(found)).toEqual([THAI]);
  });

  it('stands against a counted ballot: it was changed elsewhere', () => {
    expect(votedBy(reconciled(ballot({ state: 'confirmed' }), { where: ['pizza'] }, 'me'))).toEqual([PIZZA]);
  });

  it('takes away a counted ballot that was revoked elsewhere', () => {
    expect(reconciled(ballot({ state: 'confirmed' }), {}, 'me')).toBeNull();
  });

  it.each(['sending', 'accepted'] as const)('does not know yet of a ballot that is %s', (state) => {
    const own = ballot({ state });
    expect(reconciled(own, {}, 'me')).toBe(own);
  });

  it('is shown where a ballot was refused, which keeps its choices', () => {
    const refused = reconciled(ballot({ answers: [PIZZA], state: 'refused' }), { where: ['thai'] }, 'me');
    expect(refused?.answers).toEqual([PIZZA]);
    expect(votedBy(refused)).toEqual([THAI]);
  });

  it('has nothing to do with the ballot of somebody else', () => {
    expect(reconciled(ballot({ voter: 'you', state: 'accepted' }), {}, 'me')).toBeNull();
  });
});

describe('learning', () => {
  const poll = (voted?: Poll['voted']) => ({ poll_id: 'poll', ...(voted && { voted }) }) as Poll;

  beforeEach(() => ownBallot('poll').remove());

  it('keeps what the server says', () => {
    learn(poll({ where: ['thai'] }), 'me');
    expect(votedBy(ownBallot('poll').get())).toEqual([THAI]);
  });

  it('leaves all as it is where the server does not say', () => {
    ownBallot('poll').set(ballot({ state: 'confirmed' }));
    learn(poll(), 'me');
    expect(votedBy(ownBallot('poll').get())).toEqual([THAI]);
  });

  it('leaves a ballot that somebody else has under way', () => {
    const theirs = ballot({ voter: 'you', state: 'sending' });
    ownBallot('poll').set(theirs);
    learn(poll({}), 'me');
    expect(ownBallot('poll').get()).toEqual(theirs);
  });
});
