import { createContext, type ReactNode, useCallback, useContext, useEffect } from 'react';
import type { Me, Problem } from '../client';
import { api, live } from '../clients';
import { accessToken, session } from '../state/session';
import { usePulse } from './use-pulse';
import { useResource } from './use-resource';
import { useStored } from './use-stored';

interface Account {
  /** Whether somebody is signed in. */
  isSignedIn: boolean;
  /** The account, once it is loaded. */
  me: Me | undefined;
  /** Why it can't be loaded. */
  problem: Problem | undefined;
  /** Puts in what a change of it answered. */
  setMe: (me: Me) => void;
  /** Loads it again. */
  reload: () => void;
  signOut: () => void;
}

/** Milliseconds between two looks at the account where no live connection tells of its notifications. */
const REFRESH = 60_000;
/** The longest delay that timers take. */
const MAX_DELAY = 2 ** 31 - 1;

const Context = createContext<Account | undefined>(undefined);

/** Loads the account that is signed in, and keeps it and its notifications current. */
export function AccountProvider({ children }: { children: ReactNode }) {
  const token = useStored(session)?.accessToken;
  const isSignedIn = token !== undefined && accessToken() === token;
  const { value, problem, set, reload } = useResource(
    async (signal) => (isSignedIn ? { token, me: await api.me({ accessToken: token }, signal) } : undefined),
    [token],
  );
  // What another token told is another account's.
  const me = isSignedIn && value?.token === token ? value.me : undefined;
  const keep = useCallback((me: Me) => set(token === undefined ? undefined : { token, me }), [token, set]);

  useExpiry();
  usePulse(reload, isSignedIn ? REFRESH : undefined);

  // A token that ended early, or whose account is gone, is no session.
  useEffect(() => {
    if (problem?.status === 401) session.remove();
  }, [problem]);

  useEffect(
    () =>
      live.onNotification((notification) => {
        if (!me || me.notifications.some((known) => known.notification_id === notification.notification_id))
          return;
        keep({ ...me, notifications: [notification, ...me.notifications] });
      }),
    [me, keep],
  );

  const setMe = (me: Me) => {
    keep(me);
    // Ends what is being loaded just now, which may know nothing of the change.
    reload();
  };
  const account = { isSignedIn, me, problem, setMe, reload, signOut: () => session.remove() };
  return <Context value={account}>{children}</Context>;
}

/** Who is signed in. */
export function useAccount(): Account {
  const account = useContext(Context);
  if (!account) throw new Error('useAccount is for what stands in an AccountProvider');
  return account;
}

/** Signs out when the access token expires. */
function useExpiry(): void {
  const expiresAt = useStored(session)?.expiresAt;
  useEffect(() => {
    if (expiresAt === undefined) return;
    const delay = Math.min(Math.max(expiresAt - Date.now(), 0), MAX_DELAY);
    const timer = setTimeout(() => {
      if (!accessToken()) session.remove();
    }, delay);
    return () => clearTimeout(timer);
  }, [expiresAt]);
}
