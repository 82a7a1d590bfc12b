// A foreign program as a child process: its log is kept, its readiness awaited, its end asked for by its own id.
import { type ChildProcess, spawn } from 'node:child_process';

export interface PeerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly workingFolder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** CPUs to pin it to, as taskset has them: `0`, `0,1`. */
  readonly cpus?: string;
  /** Where it runs; here where not given. */
  readonly within?: ProgramPlace;
}

/** A place of its own for programs, as a network namespace is. */
export interface ProgramPlace {
  /** What a program is run under to be there; it becomes that program, so that its process id stays. */
  readonly launcher: readonly [command: string, ...args: string[]];
}

export interface ExitResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

// Enough to see what went wrong; a chatty program must not fill our memory.
const LOG_LIMIT_CHARACTERS = 400_000;
const TERMINATION_GRACE_MS = 5_000;

export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly exited: Promise<ExitResult>;
  #stdout = '';
  #log = '';
  #exit: ExitResult | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(options: PeerProcessOptions) {
    const [command, ...args] = commandLineOf(options);
    this.#command = `${options.command} ${options.args.join(' ')}`;
    this.#child = spawn(command, args, {
      cwd: options.workingFolder,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exited = new Promise((resolve) => {
      const settle = (exit: ExitResult): void => {
        this.#exit ??= exit;
        this.#notify();
        resolve(this.#exit);
      };
      this.#child.once('error', (error) => {
        this.#keep(`${error.message}\n`);
        settle({ code: null, signal: null });
      });
      // `close` rather than `exit`: by then all output has been read.
      this.#child.once('close', (code, signal) => settle({ code, signal }));
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#keep(text, true));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    // A program that ended takes no more input; that is no failure of the test.
    this.#child.stdin?.on('error', () => undefined);
  }

  /** Process id; -1 where the program could not be started. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Standard output and standard error, in the order they came. */
  get log(): string {
    return this.#log;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get exit(): ExitResult | undefined {
    return this.#exit;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal);
  }

  /** Resolves with the match once the log has it; rejects with the log's end on exit or after `timeoutMs`. */
  waitForLog(pattern: RegExp, timeoutMs = 15_000): Promise<RegExpExecArray> {
    return this.#until(() => pattern.exec(this.#log) ?? undefined, `${pattern}`, timeoutMs);
  }

  /** Waits for the program to end by itself. */
  async waitForExit(timeoutMs: number): Promise<ExitResult> {
    return await this.#until(() => this.#exit, 'its end', timeoutMs);
  }

  /** Asks the program to end, and makes it end where it does not. Doing it twice is harmless. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ExitResult> {
    this.signal(signal);
    const force = setTimeout(() => this.signal('SIGKILL'), TERMINATION_GRACE_MS);
    const exit = await this.exited;
    clearTimeout(force);
    return exit;
  }

  #until<Result>(look: () => Result | undefined, what: string, timeoutMs: number): Promise<Result> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        finish();
        reject(new Error(`${this.#command}: waited for ${what}, ${why}\n${this.#log.slice(-4000)}`));
      };
      const check = (): void => {
        const found = look();
        if (found !== undefined) {
          finish();
          resolve(found);
        } else if (this.#exit !== undefined) fail(`but it ended with ${JSON.stringify(this.#exit)}`);
      };
      const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(check);
      };
      this.#watchers.add(check);
      check();
    });
  }

  #keep(text: string, isStdout = false): void {
    if (isStdout) this.#stdout = (this.#stdout + text).slice(-LOG_LIMIT_CHARACTERS);
    this.#log = (this.#log + text).slice(-LOG_LIMIT_CHARACTERS);
    this.#notify();
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

function commandLineOf(options: PeerProcessOptions): readonly [command: string, ...args: string[]] {
  const { command, args, cpus, within } = options;
  const own: readonly [string, ...string[]] =
    cpus === undefined ? [command, ...args] : ['taskset', '-c', cpus, command, ...args];
  return within === undefined ? own : [...within.launcher, ...own];
}
