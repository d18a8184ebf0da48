import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { firstPages } from './scripts/first-pages.ts';

/** Where `npm run dev` finds the API: what `make up` starts. */
const API = process.env.POLLSTER_URL ?? 'http://127.0.0.1:8080';

/**
 * Libraries and our own pieces that every first page needs: a request each would cost more than what some do without.
 * Whatever one of these imports must be here too, else pieces wait for each other.
 */
const BASE =
  /node_modules\/(react|react-dom|scheduler|wouter|use-sync-external-store|regexparam|mitt|eventsource-parser)\/|src\/(client\/|clients|state\/(?!ballots|schedule|tally)|hooks\/use-(stored|messages|action)|messages\/(\w\w\/)?(common|formats)|components\/(alert|badge|icon))/;
/** What every page of a poll needs, and no other. */
const POLL =
  /src\/(components\/(ballot|results|poll-gate|connection-badge|countdown|clock|crowd|own-mark|poll-state)|hooks\/(use-ballot|use-poll|use-live-poll|use-web-socket|use-captcha|use-now|conflated)|state\/(ballots|schedule|tally)|messages\/(\w\w\/)?(vote|results)|ballot-sender|captchas)/;

export default defineConfig({
  plugins: [react(), firstPages()],
  build: {
    // What the browsers of the last three years run.
    target: 'es2022',
    // The first with `light-dark()`.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The content security policy lets nothing in that is written into the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // All styles together are smaller than what asking for each takes.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        // For the same reason.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'base', test: BASE },
            { name: 'poll', test: POLL },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': API,
      '/ws': { target: API, ws: true },
    },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
