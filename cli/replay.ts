// patchcord replay: a recording on the speaker or into a call, with what happened in it.
import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type Runtime, UsageError } from '../core/index.ts';
import {
  createSoftphone,
  type Excerpt,
  exitStatusOf,
  type FileSound,
  findRecording,
  hasDevices,
  openFileSound,
  type RecordedFiles,
  replay,
  SpeakerSink,
  TimelineView,
} from '../softphone/index.ts';
import { followCall } from './call-follow.ts';
import {
  addPhoneOptions,
  commandRuntime,
  type PhoneFlags,
  phoneOptionsOf,
  positiveNumber,
} from './call-options.ts';
import { Screen } from './call-screen.ts';
import { stopSignal } from './call-signals.ts';

interface ReplayFlags extends PhoneFlags {
  readonly to?: string;
  readonly from?: number;
  readonly duration?: number;
  readonly json?: boolean;
}

const HELP = `
FILE is the mix or a track (WAV or Ogg Opus), the time line (.jsonl), or a folder: then its last recording.
Without a speaker the time line alone passes.

  patchcord replay patchcord-data/recordings
  patchcord replay call.opus --from 60 --duration 10
  patchcord replay call.opus --to bob --server 127.0.0.1 --user alice --password-file alice.txt`;

export function register(program: Command): void {
  const command = program
    .command('replay <file>')
    .description('play a recording, and show who talks')
    .option('--to <target>', 'play it into a call: a name, a number or sip:user@host')
    .option('--from <seconds>', 'begin there', notNegative)
    .option('--duration <seconds>', 'play so much', positiveNumber)
    .option('--json', 'print what is in the files, one JSON object, and play nothing');
  addPhoneOptions(command)
    .addHelpText('after', HELP)
    .action(async (file: string, flags: ReplayFlags) => {
      process.exitCode = await run(file, flags);
    });
}

/** A recording, and what is to be heard of it. */
interface Show {
  readonly files: RecordedFiles;
  readonly sound: FileSound;
  readonly excerpt: Excerpt;
  readonly fromMs: number;
  readonly lengthMs: number;
}

async function run(file: string, flags: ReplayFlags): Promise<number> {
  const files = await findRecording(file);
  const sound = await openFileSound(files.soundPath, files.soundPath);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(factsOf(files, sound))}\n`);
    return 0;
  }
  const show = showOf(files, sound, flags);
  const runtime = commandRuntime(flags);
  const screen = new Screen(process.stderr, () => runtime.clock.now());
  const { format, channels, durationMs } = sound;
  screen.line(`${basename(files.soundPath)}  ${format}, ${channels} ch, ${clock(durationMs)}`);
  return flags.to === undefined
    ? playHere(show, { runtime, screen })
    : playInto(flags.to, flags, { show, runtime, screen });
}

function showOf(files: RecordedFiles, sound: FileSound, flags: ReplayFlags): Show {
  const fromMs = (flags.from ?? 0) * 1000;
  const leftMs = sound.durationMs - fromMs;
  if (leftMs <= 0) {
    throw new UsageError(
      `--from ${flags.from}: the recording has ${(sound.durationMs / 1000).toFixed(1)} seconds`,
    );
  }
  const lengthMs = Math.min(leftMs, (flags.duration ?? Number.POSITIVE_INFINITY) * 1000);
  return { files, sound, excerpt: { fromMs, durationMs: lengthMs }, fromMs, lengthMs };
}

function factsOf({ soundPath, timelinePath, timeline }: RecordedFiles, sound: FileSound): object {
  const { format, sampleRateHz, channels, durationMs, sizeBytes } = sound;
  const facts = { format, sampleRateHz, channels, durationMs: Math.round(durationMs), sizeBytes };
  return { file: soundPath, ...facts, timelineFile: timelinePath, timeline };
}

async function playHere(show: Show, { runtime, screen }: Surroundings): Promise<number> {
  const stop = stopSignal();
  const sink = (await hasDevices())
    ? await SpeakerSink.open(undefined, show.sound.channels === 2 ? 2 : 1)
    : undefined;
  if (!sink) screen.line('no speaker here (package decibri is not installed): the time line alone passes');
  const source = show.sound.source(show.excerpt);
  const display = new Display(show, screen);
  await replay({ runtime, source, sink, signal: stop.signal, onProgress: (ms) => display.progress(ms) });
  source.close?.();
  await sink?.close();
  screen.clear();
  stop.dispose();
  return 0;
}

interface Surroundings {
  readonly runtime: Runtime;
  readonly screen: Screen;
}

const CALL_FAILED = 1;
/** How often the time line is looked at during a call. */
const LOOK_MS = 100;

async function playInto(
  target: string,
  flags: ReplayFlags,
  { show, runtime, screen }: Surroundings & { readonly show: Show },
): Promise<number> {
  const stop = stopSignal();
  const source = show.sound.source(show.excerpt);
  const phone = await createSoftphone({ ...phoneOptionsOf(flags), runtime, makeSource: () => source });
  try {
    const call = await phone.call(target);
    screen.line(`calling ${call.remoteText}`);
    const display = new Display(show, screen);
    let cancel = () => {};
    call.once('answered', () => {
      const answeredAt = runtime.clock.now();
      const look = () => {
        display.events(runtime.clock.now() - answeredAt);
        cancel = runtime.setTimer(runtime.clock.now() + LOOK_MS, look);
      };
      look();
    });
    const durationSeconds = show.lengthMs / 1000;
    const report = await followCall(call, { runtime, screen, signal: stop.signal, durationSeconds });
    cancel();
    screen.line(`${call.remoteText}: ${report.reason}`);
    // Nothing need come back from who listens.
    return exitStatusOf(report) === CALL_FAILED ? CALL_FAILED : 0;
  } finally {
    await phone.close();
    source.close?.();
    stop.dispose();
  }
}

/** What passes while it is played. */
class Display {
  readonly #show: Show;
  readonly #screen: Screen;
  readonly #view: TimelineView;
  #shown = '';

  constructor(show: Show, screen: Screen) {
    this.#show = show;
    this.#screen = screen;
    this.#view = new TimelineView(show.files.timeline);
    // What was before is known, and not told.
    this.#view.passTo(show.fromMs - 1);
  }

  progress(playedMs: number): void {
    this.events(playedMs);
    const at = this.#show.fromMs + playedMs;
    const talk = this.#view.talking.join(', ');
    const text = `${clock(at)} / ${clock(this.#show.fromMs + this.#show.lengthMs)}  ${talk}`;
    if (text !== this.#shown) this.#screen.live(text);
    this.#shown = text;
  }

  events(playedMs: number): void {
    const at = this.#show.fromMs + playedMs;
    for (const { ms, text } of this.#view.passTo(at)) this.#screen.line(`${clock(ms)}  ${text}`);
  }
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It should be a number of seconds, 0 or more.');
}
