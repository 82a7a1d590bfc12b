// patchcord send: a file to somebody who takes it.
import type { Command } from 'commander';
import { OperationError } from '../core/index.ts';
import { createSoftphone, type Delivery, deliverFile, openDiskFile } from '../softphone/index.ts';
import {
  addPhoneOptions,
  commandRuntime,
  type PhoneFlags,
  phoneOptionsOf,
  wholeNumber,
} from './call-options.ts';
import { Screen } from './call-screen.ts';
import { stopSignal } from './call-signals.ts';
import { endWhenSaid } from './end-process.ts';
import { ProgressLine, sizeText } from './file-progress.ts';
import { addPathOptions, type PathFlags, pathOptionsOf } from './path-options.ts';

interface SendFlags extends PhoneFlags, PathFlags {
  readonly json?: boolean;
  readonly tries: number;
}

const HELP = `
The file goes straight to the other phone, encrypted end to end; where the path breaks, send calls again and goes on
where it was, and so does the same command later. Nothing is overwritten there, and what is not whole has no name yet.

Exit status: 0 the file is there and proven by its SHA-256, 1 it is not, 2 wrong usage.

  patchcord answer --server 192.0.2.1 --user bob --password-file bob.txt --accept-files ~/Downloads
  patchcord send holiday.mp4 bob --server 192.0.2.1 --user alice --password-file alice.txt`;

/** Whoever takes files answers at once. */
const PATIENCE_MS = 3000;
const NO_ANSWER_YET =
  'no answer yet: is that the server, and does it run? Half a minute is waited for it at most';

export function register(program: Command): void {
  const command = program
    .command('send <file> <target>')
    .description('send a file to a phone that takes files');
  addPathOptions(addPhoneOptions(command))
    .option(
      '--tries <count>',
      'calls in a row that bring nothing forward after the path broke, until it gives up',
      wholeNumber(1, 1000),
      6,
    )
    .option('--json', 'one JSON line on standard output')
    .addHelpText('after', HELP)
    .action(async (file: string, target: string, flags: SendFlags) => {
      endWhenSaid(await send(file, target, flags));
    });
}

async function send(path: string, target: string, flags: SendFlags): Promise<number> {
  const runtime = commandRuntime(flags);
  const screen = new Screen(process.stderr, () => runtime.clock.now());
  // Before anything rings.
  const about = await openDiskFile(path);
  await about.close();
  const phone = await createSoftphone({
    ...phoneOptionsOf(flags),
    ...pathOptionsOf(flags),
    runtime,
    codecs: [],
  });
  const stop = stopSignal();
  const startedAt = runtime.clock.now();
  const line = new ProgressLine(about.name, () => runtime.clock.now());
  try {
    screen.line(`calling ${target} to send ${JSON.stringify(about.name)}, ${sizeText(about.sizeBytes)}`);
    const cancelNotice = runtime.setTimer(startedAt + PATIENCE_MS, () => screen.line(NO_ANSWER_YET));
    const delivery = await deliverFile(runtime, {
      dial: (signal) => phone.openData(target, 'file', signal).finally(cancelNotice),
      open: () => openDiskFile(path),
      signal: stop.signal,
      mostTries: flags.tries,
      onProgress: (progress) => screen.live(line.text(progress), 'dim'),
      onRetry: (text, delayMs) => screen.line(`${text}; calling again in ${(delayMs / 1000).toFixed(1)} s`),
    });
    screen.clear();
    say(delivery, { flags, screen, sizeBytes: about.sizeBytes, durationMs: runtime.clock.now() - startedAt });
    return delivery.outcome.kind === 'done' ? 0 : 1;
  } finally {
    await phone.close();
    stop.dispose();
  }
}

interface SaidOptions {
  readonly flags: SendFlags;
  readonly screen: Screen;
  readonly sizeBytes: number;
  readonly durationMs: number;
}

function say({ outcome, tries, sentBytes }: Delivery, options: SaidOptions): void {
  const { flags, screen, sizeBytes, durationMs } = options;
  if (flags.json) {
    const { kind, ...rest } = outcome;
    const line = {
      ok: kind === 'done',
      ...rest,
      sizeBytes,
      sentBytes,
      tries,
      durationMs: Math.round(durationMs),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  if (outcome.kind === 'failed') {
    if (!flags.json) throw new OperationError('FILE_NOT_SENT', `not sent: ${outcome.text}`);
    return screen.line(`not sent: ${outcome.text}`);
  }
  const speed = sizeText((sentBytes * 1000) / Math.max(1, durationMs));
  screen.line(`sent as ${JSON.stringify(outcome.name)}, ${speed}/s, SHA-256 ${outcome.sha256}`);
}
