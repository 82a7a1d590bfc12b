// patchcord phone: an interactive phone.
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { messageOf, type Runtime } from '../core/index.ts';
import {
  createSoftphone,
  formatReport,
  IncomingPhoneCall,
  keysText,
  type PhoneCall,
  pathText,
  ROOM_KEYS_HELP,
  type Softphone,
} from '../softphone/index.ts';
import {
  addPhoneOptions,
  addSoundOptions,
  commandRuntime,
  type PhoneFlags,
  type SoundFlags,
  soundOptionsOf,
  waitingPhoneOptionsOf,
} from './call-options.ts';
import { Screen } from './call-screen.ts';
import { stopSignal, whenAborted } from './call-signals.ts';
import { endWhenSaid } from './end-process.ts';
import { menuHelp, type PhoneActions, PhoneMenu, runLine } from './phone-menu.ts';
import { formatRoomReply, parseRoomLine, ROOM_LINE_HELP } from './room-lines.ts';
import { addSecureOption, notSecuredText, type SecureFlags, secureOptionsOf } from './secure-option.ts';

type InteractiveFlags = PhoneFlags & SoundFlags & SecureFlags;

const EXAMPLES = `
  patchcord phone --server 127.0.0.1 --user alice --password-file alice.txt
  patchcord phone --server 127.0.0.1 --user alice --password-file alice.txt --secure --record heard.wav`;

export function register(program: Command): void {
  const command = program.command('phone').description('interactive phone; h shows its keys');
  addSoundOptions(
    addPhoneOptions(
      addSecureOption(command, 'where not given, calls are placed without and taken either way'),
    ),
  )
    .addHelpText('after', `\nKeys and commands:\n${menuHelp()}\n${EXAMPLES}`)
    .action(async (flags: InteractiveFlags) => {
      endWhenSaid(await phone(flags));
    });
}

async function phone(flags: InteractiveFlags): Promise<number> {
  const runtime = commandRuntime(flags);
  const screen = new Screen(process.stdout, () => runtime.clock.now());
  const stop = stopSignal();
  const say = (line: string) => screen.line(line);
  const sound = await soundOptionsOf(flags, { withoutMicrophone: 'silence', say });
  const softphone = await createSoftphone({
    ...waitingPhoneOptionsOf(flags),
    ...sound,
    ...secureOptionsOf(flags),
    runtime,
  });
  try {
    const session = new PhoneSession(softphone, { runtime, screen, flags });
    if (softphone.hasAccount) await softphone.register();
    screen.line(
      `${softphone.hasAccount ? 'registered as' : 'listening on'} ${softphone.addressText}; h for help`,
    );
    const closeInput = readInput(session, screen);
    await Promise.race([session.over, whenAborted(stop.signal)]);
    closeInput();
  } finally {
    screen.clear();
    await softphone.close();
    stop.dispose();
  }
  return 0;
}

/** Keys from a terminal, lines from anything else. @returns a function that gives the terminal back */
function readInput(session: PhoneSession, screen: Screen): () => void {
  const { stdin } = process;
  if (stdin.isTTY) {
    const menu = new PhoneMenu(
      session,
      (typed) => (typed === '' ? screen.clear() : screen.live(typed)),
      (text) => screen.line(text),
    );
    const take = (bytes: Buffer) => menu.handleInput(bytes.toString());
    stdin.setRawMode(true);
    stdin.on('data', take);
    return () => {
      stdin.off('data', take);
      stdin.setRawMode(false);
      stdin.pause();
    };
  }
  const lines = createInterface({ input: stdin });
  lines.on('line', (line) => {
    const isDigits = /^[0-9*#]+$/.test(line.trim()) && session.sendDigits(line.trim());
    const complaint = isDigits ? undefined : runLine(line, session);
    if (complaint !== undefined) screen.line(complaint);
  });
  lines.on('close', () => session.quit());
  return () => lines.close();
}

interface PhoneSessionOptions {
  readonly runtime: Runtime;
  readonly screen: Screen;
  readonly flags: SecureFlags;
}

/** The phone behind the menu. The call that is acted on is the latest. */
class PhoneSession implements PhoneActions {
  readonly over: Promise<void>;
  readonly #phone: Softphone;
  readonly #screen: Screen;
  readonly #runtime: Runtime;
  readonly #flags: SecureFlags;
  #quit: () => void = () => {};
  #lastReport = 'there was no call yet';

  constructor(phone: Softphone, options: PhoneSessionOptions) {
    this.#phone = phone;
    this.#screen = options.screen;
    this.#runtime = options.runtime;
    this.#flags = options.flags;
    this.over = new Promise((resolve) => {
      this.#quit = resolve;
    });
    phone.on('call', (call) => {
      this.#screen.line(`call from ${call.remoteText}: a accepts, b rejects`);
      this.#follow(call);
    });
    phone.on('registration', ({ state, status, reason }) => {
      if (state === 'failed') this.#screen.line(`registration failed: ${status ?? ''} ${reason}`);
    });
  }

  dial(target: string): void {
    this.#phone.call(target).then(
      (call) => {
        this.#screen.line(`calling ${call.remoteText}`);
        const notSecured = notSecuredText(this.#flags, call);
        if (notSecured !== undefined) this.#screen.line(notSecured);
        this.#follow(call);
      },
      (error: unknown) => this.#screen.line(messageOf(error)),
    );
  }

  accept(): void {
    const ringing = this.#phone.calls.find(
      (call): call is IncomingPhoneCall => call instanceof IncomingPhoneCall && call.state === 'ringing',
    );
    if (ringing) void ringing.accept();
    else this.#screen.line('nobody is calling');
  }

  reject(): void {
    const ringing = this.#phone.calls.findLast(
      (call) => call instanceof IncomingPhoneCall && call.state === 'ringing',
    );
    if (ringing instanceof IncomingPhoneCall) ringing.reject();
    else this.#screen.line('nobody is calling');
  }

  hangUp(): void {
    this.#withCall((call) => call.hangUp());
  }

  hold(): void {
    this.#withCall(
      (call) => void call.hold().then((done) => this.#screen.line(done ? 'on hold' : 'hold was refused')),
    );
  }

  resume(): void {
    this.#withCall(
      (call) => void call.resume().then((done) => this.#screen.line(done ? 'resumed' : 'resume was refused')),
    );
  }

  toggleMute(): void {
    this.#withCall((call) => {
      call.setMuted(!call.isMuted);
      this.#screen.line(call.isMuted ? 'muted' : 'not muted');
    });
  }

  sendDigits(digits: string): boolean {
    const isSent = this.#current?.sendDigits(digits) ?? false;
    if (isSent) this.#screen.line(`sent ${digits}`);
    return isSent;
  }

  statistics(): void {
    const call = this.#current;
    this.#screen.line(call ? formatReport(call.report(), this.#screen.paint) : this.#lastReport);
  }

  listCalls(): void {
    const { calls } = this.#phone;
    const lines = calls.map(
      (call) => `  ${call.direction} ${call.remoteText} ${call.state}${call.isHeld ? ', on hold' : ''}`,
    );
    this.#screen.line(lines.length === 0 ? 'no calls' : lines.join('\n'));
  }

  registration(): void {
    const { hasAccount, isRegistered, addressText } = this.#phone;
    this.#screen.line(hasAccount ? `${addressText}: ${isRegistered ? '' : 'not '}registered` : 'no account');
  }

  ping(target: string): void {
    this.#phone.ping(target).then(
      ({ roundTripMs, status, reason }) =>
        this.#screen.line(
          roundTripMs === null
            ? `${target}: no answer`
            : `${target}: ${status} ${reason}, ${roundTripMs.toFixed(1)} ms`,
        ),
      (error: unknown) => this.#screen.line(messageOf(error)),
    );
  }

  room(line: string): void {
    if (line === 'help') return this.#screen.line(`${ROOM_LINE_HELP}\nBy keys: ${ROOM_KEYS_HELP}`);
    const command = parseRoomLine(line);
    if (typeof command === 'string') return this.#screen.line(command);
    this.#withCall((call) => {
      void call.room(command).then((reply) => this.#screen.line(formatRoomReply(reply)));
    });
  }

  chat(text: string): void {
    this.#withCall((call) => {
      if (!call.sendChat(text)) this.#screen.line('not sent: chat goes with secured calls (--secure)');
    });
  }

  help(): void {
    this.#screen.line(menuHelp());
  }

  quit(): void {
    this.#quit();
  }

  get #current(): PhoneCall | undefined {
    return this.#phone.calls.at(-1);
  }

  #withCall(act: (call: PhoneCall) => void): void {
    const call = this.#current;
    if (call) act(call);
    else this.#screen.line('there is no call');
  }

  #follow(call: PhoneCall): void {
    const startedAt = this.#runtime.clock.now();
    call.on('ringing', () => this.#screen.line(`${call.remoteText} is ringing`));
    call.on('answered', ({ codec }) => {
      const secured = call.isSecured ? ', secured end to end' : '';
      const seconds = ((this.#runtime.clock.now() - startedAt) / 1000).toFixed(1);
      this.#screen.line(
        `${call.remoteText} answered after ${seconds} s, ${codec ?? 'without sound'}${secured}`,
      );
    });
    call.on('heldByPeer', ({ isHeld }) =>
      this.#screen.line(isHeld ? 'put on hold by the far end' : 'taken off hold'),
    );
    call.on('digit', ({ digit }) => this.#screen.line(`digit ${digit}`));
    call.on('chat', ({ text }) => this.#screen.line(`${call.remoteText} writes: ${text}`));
    call.once('path', () => {
      const { secured } = call.report();
      if (secured) this.#screen.line(keysText(secured));
    });
    call.on('path', (path) => this.#screen.line(`path: ${pathText(path)}`));
    call.on('ended', (report) => {
      this.#lastReport = formatReport(report, this.#screen.paint);
      this.#screen.line(this.#lastReport);
    });
  }
}
