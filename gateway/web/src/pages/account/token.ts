/** The token of a mailed link, empty where the address has none. */
export function tokenInAddress(): string {
  return new URLSearchParams(location.search).get('token') ?? '';
}

/** Takes the token out of the address and this window's history: who has it can do what the mail's reader can. */
export function clearAddress(): void {
  if (location.search) history.replaceState(history.state, '', location.pathname);
}
