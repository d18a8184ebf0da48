/** What Pollster's API sends and takes, as JSON; times are RFC 3339. See `/api/v1/docs`. */

export type VoterIdentity = 'browser' | 'account' | 'browser_and_address';
export type ResultVisibility = 'always' | 'after_vote' | 'after_close';
export type Status = 'scheduled' | 'active' | 'closed' | 'archived';

export interface Choice {
  choice_id: string;
  text: string;
}

export interface Question {
  question_id: string;
  text: string;
  min_choices: number;
  max_choices: number;
  choices: Choice[];
}

export interface Settings {
  voter_identity: VoterIdentity;
  result_visibility: ResultVisibility;
  allow_vote_change: boolean;
  captcha?: boolean;
  verified_email?: boolean;
  milestones?: number[];
}

export interface Poll {
  poll_id: string;
  slug: string;
  url: string;
  title: string;
  description: string;
  status: Status;
  created_at: string;
  starts_at: string | null;
  ends_at: string | null;
  closed_at: string | null;
  settings: Settings;
  questions: Question[];
  captcha_site_key?: string;
  /** Only in the answer that creates the poll. */
  manage_token?: string;
  /** Where one poll is read by who may see them. */
  results?: Results;
  /** Where one poll is read with a token: the choices by question. */
  voted?: Record<string, string[]>;
  /** Where one poll is read by an account or with a manage token: whether that has every right of its creator. */
  manages?: boolean;
}

export interface PollDraft {
  title: string;
  description: string;
  questions: { text: string; choices: string[]; min_choices: number; max_choices: number }[];
  starts_at: string | null;
  ends_at: string | null;
  settings: Settings;
}

export interface Results {
  poll_id: string;
  version: number;
  total_votes: number;
  status: Status;
  final: boolean;
  questions: {
    question_id: string;
    total_votes: number;
    choices: { choice_id: string; text: string; votes: number; percentage: number }[];
  }[];
}

export interface Answer {
  question_id: string;
  choice_ids: string[];
}

export interface Receipt {
  vote_id: string;
  /** `confirmed` where it was written to PostgreSQL at once. */
  status: 'accepted' | 'confirmed';
  answers: Answer[];
}

export interface VoteStatus {
  vote_id: string;
  status: 'accepted' | 'confirmed' | 'rejected';
  reason: string | null;
}

export interface PollPage {
  polls: Poll[];
  next_cursor: string | null;
}

export interface Stats {
  poll_id: string;
  minutes: { at: string; votes: Record<string, number> }[];
  next_from: string | null;
}

export interface Notification {
  notification_id: string;
  type: string;
  poll_id: string | null;
  message: string;
  created_at: string;
  read_at: string | null;
}

export interface NotificationChoices {
  email: boolean;
  milestones: boolean;
  closings: boolean;
  digest: 'off' | 'daily' | 'weekly';
  nudges: boolean;
}

/** What `PATCH /me` changes; what is absent stays. */
export interface MeChange {
  notification_choices?: Partial<NotificationChoices>;
  read?: 'all' | string[];
}

export interface Me {
  user_id: string | null;
  /** What access tokens call the account. */
  subject: string;
  email: string | null;
  username: string | null;
  role: string;
  verified: boolean;
  created_at: string | null;
  notification_choices: NotificationChoices;
  notifications: Notification[];
}

export interface Session {
  access_token: string;
  token_type: string;
  /** Seconds. */
  expires_in: number;
}

/** An error's form (RFC 9457); `code` is what programs tell errors apart by. */
export interface ProblemBody {
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id?: string;
  errors?: { field: string; detail: string }[];
  /** With `already_voted`: the questions that were answered before. */
  questions?: string[];
}

/** Who asks: any of these, or none. */
export interface Credentials {
  accessToken?: string | undefined;
  voterToken?: string | undefined;
  manageToken?: string | undefined;
}
