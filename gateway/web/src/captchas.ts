/** What of a captcha's script is used here; hCaptcha, reCAPTCHA and Turnstile are alike in it. */
export interface CaptchaScript {
  render(element: HTMLElement, options: CaptchaOptions): unknown;
  reset(widget: unknown): void;
}

interface CaptchaOptions {
  sitekey: string;
  theme: 'dark' | 'light';
  callback: (token: string) => void;
  'expired-callback': () => void;
  'error-callback': () => void;
}

/** Where a captcha's script is, and what it calls itself. */
export interface CaptchaProvider {
  url: string;
  global: 'turnstile' | 'hcaptcha' | 'grecaptcha';
}

interface Known {
  host: RegExp;
  path: string;
  global: CaptchaProvider['global'];
}

/** After the providers' documentation. */
const KNOWN: Known[] = [
  { host: /^challenges\.cloudflare\.com$/, path: '/turnstile/v0/api.js', global: 'turnstile' },
  { host: /^((js|www)\.)?hcaptcha\.com$/, path: '/1/api.js', global: 'hcaptcha' },
  { host: /^www\.(google\.com|recaptcha\.net)$/, path: '/recaptcha/api.js', global: 'grecaptcha' },
];

/** Who makes the captcha, by the origins that its parts may be loaded from. */
export function captchaProvider(origins: readonly string[]): CaptchaProvider | undefined {
  for (const named of origins) {
    // `*.hcaptcha.com` is what its documentation asks policies for: the script is on this host.
    const origin = named.replace('//*.', '//js.');
    const { host } = new URL(origin);
    const known = KNOWN.find((candidate) => candidate.host.test(host));
    if (known) return { url: `${origin}${known.path}`, global: known.global };
  }
  return undefined;
}

/** What the script calls when it is there. */
const READY = 'pollsterCaptchaReady';
/** Milliseconds in which it must be there. */
const READY_WITHIN = 15_000;

let loading: Promise<CaptchaScript> | undefined;

/** Loads the script, once for all captchas of the page; anew after a failure. */
export function loadCaptcha(provider: CaptchaProvider): Promise<CaptchaScript> {
  loading ??= load(provider).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

function load({ url, global }: CaptchaProvider): Promise<CaptchaScript> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    const fail = () => {
      script.remove();
      reject(new Error(`${url} can’t be loaded.`));
    };
    const timer = setTimeout(fail, READY_WITHIN);
    const globals = window as unknown as Record<string, unknown>;
    globals[READY] = () => {
      clearTimeout(timer);
      resolve(globals[global] as CaptchaScript);
    };
    script.src = `${url}?render=explicit&onload=${READY}`;
    script.onerror = fail;
    document.head.append(script);
  });
}
