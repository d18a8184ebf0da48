import type { Session } from '../client';
import { isRecord, stored } from './stored';

/** Who is signed in here. */
export interface SignedIn {
  accessToken: string;
  /** When the token ends, in milliseconds since 1970. */
  expiresAt: number;
}

const isSignedIn = (value: unknown): value is SignedIn =>
  isRecord(value) && typeof value.accessToken === 'string' && typeof value.expiresAt === 'number';

/** The session; `null` where nobody is signed in. It may have expired: see `accessToken`. */
export const session = stored<SignedIn | null>('session', null, isSignedIn);

/** Keeps what signing in answered. */
export function signedIn({ access_token, expires_in }: Session): void {
  session.set({ accessToken: access_token, expiresAt: Date.now() + expires_in * 1000 });
}

/** The token to show, `undefined` where nobody is signed in any more. */
export function accessToken(): string | undefined {
  const current = session.get();
  return current && current.expiresAt > Date.now() ? current.accessToken : undefined;
}

/** What the token calls the account, `undefined` where nobody is signed in any more. */
export function subject(): string | undefined {
  const payload = accessToken()?.split('.')[1];
  const claims = payload && claimsIn(payload);
  return isRecord(claims) && typeof claims.sub === 'string' ? claims.sub : undefined;
}

/** Reads a part of a token: JSON in UTF-8 in base64url (RFC 7515). */
function claimsIn(payload: string): unknown {
  try {
    const bytes = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
  } catch {
    // The server tells what it thinks of such a token.
    return undefined;
  }
}
