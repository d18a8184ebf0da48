import { expect, it } from 'vitest';
import { captchaProvider } from './captchas';

it.each([
  [
    ['https://challenges.cloudflare.com'],
    'turnstile',
    'https://challenges.cloudflare.com/turnstile/v0/api.js',
  ],
  [['https://hcaptcha.com', 'https://*.hcaptcha.com'], 'hcaptcha', 'https://hcaptcha.com/1/api.js'],
  [['https://*.hcaptcha.com'], 'hcaptcha', 'https://js.hcaptcha.com/1/api.js'],
  [
    ['https://www.gstatic.com', 'https://www.recaptcha.net'],
    'grecaptcha',
    'https://www.recaptcha.net/recaptcha/api.js',
  ],
])('knows who makes the captcha of %j', (origins, global, url) => {
  expect(captchaProvider(origins)).toEqual({ global, url });
});

it('knows no other, however alike its name is', () => {
  expect(captchaProvider(['https://evilhcaptcha.com', 'https://www.google.com.example.org'])).toBeUndefined();
  expect(captchaProvider([])).toBeUndefined();
});
