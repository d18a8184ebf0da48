import type { MeChange } from '../../client';
import { api } from '../../clients';
import { useAccount } from '../../hooks/use-account';
import { type Action, useAction } from '../../hooks/use-action';
import { accessToken } from '../../state/session';

/** Changes the account that is signed in. */
export function useChangeMe(): Action<[MeChange]> {
  const { setMe } = useAccount();
  return useAction(async (change: MeChange) =>
    setMe(await api.changeMe(change, { accessToken: accessToken() })),
  );
}
