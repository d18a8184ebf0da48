import type { Problem } from '../../client';
import { Alert, ProblemAlert } from '../../components/alert';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';

/** What went wrong with a form, if anything, and how long to wait where it was sent too often. */
export function AccountProblem({ problem }: { problem: Problem | undefined }) {
  const t = useMessages(account);
  if (!problem) return null;
  const { code, retryAfter } = problem;
  if (code !== 'rate_limited' || retryAfter === undefined) return <ProblemAlert problem={problem} />;
  const seconds = Math.ceil(retryAfter);
  return (
    <Alert tone="danger">
      {seconds < 60 ? t.waitSeconds(seconds) : t.waitMinutes(Math.ceil(seconds / 60))}
    </Alert>
  );
}
