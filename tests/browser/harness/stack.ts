import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Where a stack is. */
export interface Place {
  /** The gateway's address. */
  url: string;
  /** The address of another gateway, which is never hurt. */
  otherUrl: string;
  /** Mails are files in it; it is made with the first one. */
  mailFolder: string;
}

/** Each visitor may say which address it comes from: see `visit`. */
const VARIABLES = ['TRUSTED_PROXIES=127.0.0.1/32'];

const TARGET = resolve(process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../../target'));
const PROGRAM = join(TARGET, 'debug/pollster-browser-stack');

/** A whole Pollster: Redis, PostgreSQL and our programs, all of its own. */
export class Stack {
  private constructor(
    private readonly program: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
    readonly place: Place,
  ) {}

  /** Starts one; `variables` are further settings of its programs, as `NAME=value`. */
  static async start(variables: string[] = []): Promise<Stack> {
    if (!existsSync(PROGRAM)) {
      throw new Error(`${PROGRAM} is not built: run "make web", then "cargo build --workspace --bins".`);
    }
    // In a process group of its own: Ctrl-C ends the tests, and their end ends it in order.
    const program = spawn(PROGRAM, [...VARIABLES, ...variables], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
    const { url, other_url, mail_folder } = JSON.parse(await nextLine(lines));
    return new Stack(program, lines, { url, otherUrl: other_url, mailFolder: mail_folder });
  }

  /** Kills the gateway (SIGKILL); answers once it is gone. */
  killGateway(): Promise<void> {
    return this.tell('kill gateway');
  }

  /** Starts the gateway again at the same address; answers once it is ready. */
  restartGateway(): Promise<void> {
    return this.tell('restart gateway');
  }

  /** Ends everything. */
  async end(): Promise<void> {
    const ended = once(this.program, 'exit');
    this.program.stdin.end();
    await ended;
  }

  private async tell(command: string): Promise<void> {
    this.program.stdin.write(`${JSON.stringify(command)}\n`);
    await nextLine(this.lines);
  }
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error('The stack has ended; what it said is above.');
  return value;
}
