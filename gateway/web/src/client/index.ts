/**
 * A client of Pollster's API for front ends: REST calls, live results, votes that are never sent twice. It knows no
 * framework and keeps nothing beyond the page; `Api` and `LiveClient` take the origin of another Pollster.
 */
export { Api, type ExportFormat, type VoteOptions } from './api';
export { credentialHeaders, Http, type RequestOptions } from './http';
export { LiveClient, type LiveClientOptions, type Watch } from './live/live-client';
export type { Update } from './live/messages';
export type { ConnectionState, LiveEvent, LiveListener, Transport, WatchOptions } from './live/watch';
export { asProblem, type LocalCode, Problem } from './problem';
export type * from './types';
export { type CastOptions, Outbox, type Outcome, type PendingVote, type SendingState } from './votes/outbox';
