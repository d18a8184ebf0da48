import type { Poll } from '../../client';

/** Whether who is here can vote now, or what is in the way. */
export type Access = 'open' | 'scheduled' | 'closed' | 'sign-in' | 'verify';

/** Who is here; `isVerified` is not known until the account is loaded. */
export interface Visitor {
  isSignedIn: boolean;
  isVerified: boolean | undefined;
}

/** Where the poll stands for who is here. */
export function accessTo({ status, settings }: Poll, { isSignedIn, isVerified }: Visitor): Access {
  if (status === 'scheduled') return 'scheduled';
  if (status !== 'active') return 'closed';
  if (settings.voter_identity === 'account' && !isSignedIn) return 'sign-in';
  if (settings.verified_email && isVerified === false) return 'verify';
  return 'open';
}
