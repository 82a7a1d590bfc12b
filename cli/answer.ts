// patchcord answer: register and answer calls, report each.
import { type Command, InvalidArgumentError } from 'commander';
import type { Runtime } from '../core/index.ts';
import {
  createSoftphone,
  type ExitStatus,
  exitStatusOf,
  type IncomingPhoneCall,
  openDiskInbox,
  type Softphone,
  worstExitStatus,
} from '../softphone/index.ts';
import type { ReportFlags } from './call.ts';
import { followCall, printReport } from './call-follow.ts';
import {
  addPhoneOptions,
  addReportOptions,
  addSoundOptions,
  commandRuntime,
  type PhoneFlags,
  positiveNumber,
  type SoundFlags,
  soundOptionsOf,
  waitingPhoneOptionsOf,
} from './call-options.ts';
import { Screen } from './call-screen.ts';
import { stopSignal, whenAborted } from './call-signals.ts';
import { endWhenSaid } from './end-process.ts';
import { parseSize } from './file-progress.ts';
import { FileReception } from './file-reception.ts';
import { addSecureOption, type SecureFlags, secureOptionsOf } from './secure-option.ts';

interface AnswerFlags extends PhoneFlags, SoundFlags, ReportFlags, SecureFlags {
  readonly once?: boolean;
  readonly echo?: boolean;
  readonly auto: boolean;
  readonly after: number;
  readonly acceptFiles?: string;
  readonly maxFileSize?: number;
}

const HELP = `
Exit status, of the worst call: 0 good, 1 it failed or broke off, 2 wrong usage or a recording that is not whole, 3 below
--min-mos, 4 no sound arrived.

  patchcord answer --server 127.0.0.1 --user bob --password-file bob.txt --echo
  patchcord answer --local-port 5070 --once --record heard.wav
  patchcord answer --server 127.0.0.1 --user bob --password-file bob.txt --accept-files inbox --max-file-size 2G`;

export function register(program: Command): void {
  const command = program.command('answer').description('answer calls');
  addReportOptions(
    addSoundOptions(addPhoneOptions(addSecureOption(command, 'taken either way where not given'))),
  )
    .option('--once', 'end after the first call')
    .option('--echo', 'send back what is heard')
    .option('--auto', 'answer every call', true)
    .option('--no-auto', 'let it ring only')
    .option('--after <seconds>', 'ring so long before answering', positiveNumber, 0)
    .option(
      '--accept-files <folder>',
      'take the files that are sent, from whoever may call; see "patchcord send"',
    )
    .option('--max-file-size <size>', 'refuse larger ones: 500M, 2G', fileSize)
    .addHelpText('after', HELP)
    .action(async (flags: AnswerFlags) => {
      endWhenSaid(await answer(flags));
    });
}

function fileSize(text: string): number {
  const size = parseSize(text);
  if (size === undefined) throw new InvalidArgumentError('It should be a size such as 500M or 2G.');
  return size;
}

async function answer(flags: AnswerFlags): Promise<number> {
  const runtime = commandRuntime(flags);
  const screen = new Screen(process.stderr, () => runtime.clock.now());
  const stop = stopSignal();
  const reception = await receptionOf(flags, { runtime, screen, signal: stop.signal });
  const say = (line: string) => screen.line(line);
  const sound = await soundOptionsOf(flags.echo ? { ...flags, play: 'silence' } : flags, {
    withoutMicrophone: 'speech',
    say,
  });
  const phone = await createSoftphone({
    ...waitingPhoneOptionsOf(flags),
    ...sound,
    ...secureOptionsOf(flags),
    runtime,
    isEcho: flags.echo === true,
  });
  try {
    if (phone.hasAccount) await registerIn(phone, { runtime, screen });
    screen.line(
      phone.hasAccount ? `registered as ${phone.addressText}, waiting` : `waiting on ${phone.addressText}`,
    );
    return await answerCalls(phone, { flags, runtime, screen, signal: stop.signal, reception });
  } finally {
    await phone.close();
    stop.dispose();
  }
}

/** A server that answers does so at once: who waits longer is told for what. */
const REGISTER_PATIENCE_MS = 1000;

async function registerIn(
  phone: Softphone,
  { runtime, screen }: Pick<AnswerContext, 'runtime' | 'screen'>,
): Promise<void> {
  const cancel = runtime.setTimer(runtime.clock.now() + REGISTER_PATIENCE_MS, () =>
    screen.line('registering: the server has not answered yet'),
  );
  try {
    await phone.register();
  } finally {
    cancel();
  }
}

/** @throws UsageError where the folder is none */
async function receptionOf(
  flags: AnswerFlags,
  { runtime, screen, signal }: Pick<AnswerContext, 'runtime' | 'screen' | 'signal'>,
): Promise<FileReception | undefined> {
  if (flags.acceptFiles === undefined) return undefined;
  const inbox = await openDiskInbox({
    folder: flags.acceptFiles,
    maxFileBytes: flags.maxFileSize,
    wallClock: () => runtime.clock.wallClock(),
  });
  return new FileReception(runtime, { inbox, screen, json: flags.json === true, signal });
}

interface AnswerContext {
  readonly flags: AnswerFlags;
  readonly runtime: Runtime;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** Where files are taken. */
  readonly reception: FileReception | undefined;
}

async function answerCalls(phone: Softphone, context: AnswerContext): Promise<ExitStatus> {
  const { flags, screen, signal, reception } = context;
  let worst: ExitStatus = 0;
  const live = new Set<Promise<void>>();
  await new Promise<void>((finish) => {
    phone.on('call', (call) => {
      const over = takeCall(call, context)
        .then((status) => {
          worst = worstExitStatus([worst, status]);
        })
        .finally(() => live.delete(over));
      live.add(over);
      if (flags.once) void over.then(finish);
    });
    if (reception) {
      phone.on('dataCall', (call) => {
        void call.accept((channel) => reception.take(channel, call.remoteText));
        if (flags.once) void call.finished.then(finish);
      });
    }
    phone.on('registration', ({ state, reason, nextTryMs }) => {
      if (state !== 'failed' || nextTryMs === undefined) return;
      screen.line(`registration lost (${reason}), next try in ${Math.round(nextTryMs / 1000)} s`);
    });
    void whenAborted(signal).then(finish);
  });
  await Promise.all(live);
  return worstExitStatus([worst, (await reception?.settled()) ?? 0]);
}

async function takeCall(call: IncomingPhoneCall, context: AnswerContext): Promise<ExitStatus> {
  const { flags, runtime, screen, signal, reception } = context;
  screen.line(`call from ${call.remoteText}`);
  if (reception) call.on('channel', (channel) => reception.take(channel, call.remoteText));
  if (flags.auto) {
    const accept = () =>
      void call.accept().catch((error: unknown) => screen.line(`not answered: ${String(error)}`));
    if (flags.after === 0) accept();
    else void call.finished.then(runtime.setTimer(runtime.clock.now() + flags.after * 1000, accept));
  }
  const report = await followCall(call, { runtime, screen, signal, durationSeconds: flags.duration });
  printReport(report, { json: flags.json === true, screen });
  return exitStatusOf(report, flags.minMos);
}
