// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest';
import { BallotSender } from './ballot-sender';
import { type Poll, Problem } from './client';
import { api } from './clients';
import { type OwnBallot, ownBallot, votedBy } from './state/ballots';

vi.mock('./clients', () => ({
  api: { castVote: vi.fn(), changeVote: vi.fn(), revokeVote: vi.fn(), voteStatus: vi.fn(), poll: vi.fn() },
  credentials: () => ({ voterToken: 'token' }),
  voterIn: () => 'browser',
}));

const { castVote, changeVote, voteStatus } = vi.mocked(api);
const readPoll = vi.mocked(api.poll);
const poll = { poll_id: 'poll', slug: 'lunch' } as Poll;
const kept = ownBallot('poll');
const THAI = { question_id: 'where', choice_ids: ['thai'] };
const PIZZA = { question_id: 'where', choice_ids: ['pizza'] };
const RECEIPT = { vote_id: 'vote', status: 'accepted' as const, answers: [THAI] };

function ballot(change: Partial<OwnBallot> = {}): OwnBallot {
  const sending = { key: 'first', kind: 'cast', answers: [THAI], before: [], state: 'sending' } as const;
  return { ...sending, answers: [THAI], before: [], voter: 'browser', ...change };
}

const state = () => kept.get()?.state;

beforeEach(() => {
  vi.resetAllMocks();
  kept.remove();
  castVote.mockResolvedValue(RECEIPT);
  voteStatus.mockResolvedValue({ vote_id: 'vote', status: 'confirmed', reason: null });
});

it('keeps a ballot before it sends it', async () => {
  let keptThen: OwnBallot | null = null;
  castVote.mockImplementation(async () => {
    keptThen = kept.get();
    return RECEIPT;
  });
  new BallotSender(poll).send(ballot());
  await vi.waitFor(() => expect(state()).toBe('confirmed'));
  expect(keptThen).toEqual(ballot());
});

it('follows an accepted ballot until it is counted', async () => {
  voteStatus.mockResolvedValueOnce({ vote_id: 'vote', status: 'accepted', reason: null });
  new BallotSender(poll).send(ballot());
  await vi.waitFor(() => expect(state()).toBe('accepted'));
  await vi.waitFor(() => expect(state()).toBe('confirmed'), 3_000);
});

it('sends a ballot that was cut off with the same key', async () => {
  kept.set(ballot({ key: 'cut-off' }));
  new BallotSender(poll).resume();
  await vi.waitFor(() => expect(state()).toBe('confirmed'));
  expect(castVote.mock.calls.map(([, , { idempotencyKey }]) => idempotencyKey)).toEqual(['cut-off']);
});

it('sends once, however often it is asked to go on', async () => {
  kept.set(ballot());
  const sender = new BallotSender(poll);
  sender.resume();
  sender.resume();
  await vi.waitFor(() => expect(state()).toBe('confirmed'));
  expect(castVote).toHaveBeenCalledTimes(1);
});

it('sends nothing that is at its end, nor what somebody else voted', async () => {
  for (const other of [ballot({ state: 'refused' }), ballot({ voter: 'somebody' })]) {
    kept.set(other);
    new BallotSender(poll).resume();
  }
  await Promise.resolve();
  expect(castVote).not.toHaveBeenCalled();
});

it('keeps why a ballot was refused, and its choices', async () => {
  castVote.mockRejectedValue(new Problem('poll_closed', 'It is closed.', 409));
  new BallotSender(poll).send(ballot({ captchaToken: 'solved' }));
  await vi.waitFor(() => expect(state()).toBe('refused'));
  expect(kept.get()?.refusal?.code).toBe('poll_closed');
  expect(kept.get()?.answers).toEqual([THAI]);
  expect(kept.get()).not.toHaveProperty('captchaToken');
});

it('asks the server what is voted where something is already', async () => {
  castVote.mockRejectedValue(new Problem('already_voted', 'Once is enough.', 409));
  readPoll.mockResolvedValue({ ...poll, voted: { where: ['pizza'] } });
  new BallotSender(poll).send(ballot());
  await vi.waitFor(() => expect(votedBy(kept.get())).toEqual([PIZZA]));
  expect(state()).toBe('refused');
});

it('takes back what was accepted and then rejected', async () => {
  voteStatus.mockResolvedValue({ vote_id: 'vote', status: 'rejected', reason: 'already_voted' });
  readPoll.mockResolvedValue({ ...poll, voted: { where: ['pizza'] } });
  new BallotSender(poll).send(ballot());
  await vi.waitFor(() => expect(votedBy(kept.get())).toEqual([PIZZA]));
  expect(kept.get()?.refusal?.code).toBe('already_voted');
});

it('sends the next ballot while the one before is still followed', async () => {
  voteStatus.mockResolvedValue({ vote_id: 'vote', status: 'accepted', reason: null });
  changeVote.mockResolvedValue({ vote_id: 'second', status: 'confirmed', answers: [PIZZA] });
  const sender = new BallotSender(poll);
  sender.send(ballot());
  await vi.waitFor(() => expect(state()).toBe('accepted'));
  sender.send(ballot({ key: 'second', kind: 'change', answers: [PIZZA], before: [THAI] }));
  await vi.waitFor(() => expect(state()).toBe('confirmed'));
  expect(votedBy(kept.get())).toEqual([PIZZA]);
});

it('says what it is doing', async () => {
  const said: unknown[] = [];
  const sender = new BallotSender(poll);
  sender.subscribe(() => said.push(sender.progress));
  castVote.mockRejectedValueOnce(new Problem('offline', 'No answer.', 0));
  sender.send(ballot());
  await vi.waitFor(() => expect(state()).toBe('confirmed'), 3_000);
  expect(said).toEqual(['sending', 'waiting', 'sending', undefined]);
});
