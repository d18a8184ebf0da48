import type { Problem } from '../../client';
import type { Fault } from './rules';

/** What is wrong with each field of a form, by the field's name. */
export type Faults = Partial<Record<string, Fault>>;

/** Refusals that are one field's, by their codes. */
const TAKEN: Record<string, Faults> = {
  email_taken: { email: 'emailTaken' },
  username_taken: { username: 'usernameTaken' },
};

/** The fields that the server may find fault with, and what it means then. */
const FIELDS: Record<string, Fault> = { email: 'email', username: 'username', password: 'password' };

/** What the server finds wrong with the fields; empty where the trouble is another. */
export function faultsIn(problem: Problem | undefined): Faults {
  if (!problem) return {};
  const taken = TAKEN[problem.code];
  if (taken) return taken;
  const known = Object.entries(FIELDS).filter(([field]) => problem.fields.has(field));
  return Object.fromEntries(
    known.map(([field, fault]) => [field, faultOf(problem.fields.get(field)) ?? fault]),
  );
}

/** The server has two rules for passwords, and tells them apart by its words alone. */
function faultOf(detail: string | undefined): Fault | undefined {
  return detail?.startsWith('must be neither') ? 'passwordRepeats' : undefined;
}

/** Without the fields that are right. */
export function present(faults: Record<string, Fault | undefined>): Faults {
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault !== undefined));
}
