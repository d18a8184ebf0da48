import { type RefObject, useEffect, useRef, useState } from 'react';
import { captchaProvider, loadCaptcha } from '../captchas';
import type { Poll } from '../client';
import { page } from '../state/page';
import { shownTheme } from '../state/theme';

/** The captcha of a poll. */
export interface Captcha {
  /** Whether votes need one. */
  isNeeded: boolean;
  /** The element that it is shown in. */
  box: RefObject<HTMLDivElement | null>;
  /** What shows that it is solved; good for one ballot. */
  token: string | undefined;
  /** Whether it can't be shown. */
  hasFailed: boolean;
  /** Has it solved anew. */
  reset: () => void;
}

/** Shows the captcha that the poll asks for, if any, in its box as long as `isShown`. */
export function useCaptcha({ settings, captcha_site_key: siteKey }: Poll, isShown: boolean): Captcha {
  const isNeeded = settings.captcha ?? false;
  const box = useRef<HTMLDivElement>(null);
  const [token, setToken] = useState<string>();
  const [hasFailed, setFailed] = useState(false);
  const reset = useRef<() => void>(undefined);

  useEffect(() => {
    if (!isNeeded || !isShown) return;
    const provider = captchaProvider(page.captchaOrigins);
    if (!provider || !siteKey) return setFailed(true);
    let isGone = false;
    const host = document.createElement('div');
    box.current?.append(host);
    const show = async () => {
      const script = await loadCaptcha(provider);
      if (isGone) return;
      const widget = script.render(host, {
        sitekey: siteKey,
        theme: shownTheme(),
        callback: setToken,
        'expired-callback': () => setToken(undefined),
        'error-callback': () => setFailed(true),
      });
      setFailed(false);
      reset.current = () => script.reset(widget);
    };
    show().catch(() => setFailed(true));
    return () => {
      isGone = true;
      reset.current = undefined;
      setToken(undefined);
      host.remove();
    };
  }, [isNeeded, isShown, siteKey]);

  return {
    isNeeded,
    box,
    token,
    hasFailed,
    reset: () => {
      setToken(undefined);
      reset.current?.();
    },
  };
}
