// Options that the phone commands share.
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import {
  createLog,
  createNodeRuntime,
  type LogLevel,
  messageOf,
  type Runtime,
  UsageError,
} from '../core/index.ts';
import { allCodecNames, type CodecName, codecNames, type OpusEngine, opusEngines } from '../media/index.ts';
import {
  type AccountOptions,
  DIRECT_PORT,
  hasDevices,
  type MakeSource,
  type PhoneTransport,
  PLAY_FORMS,
  parsePlayOption,
  prepareSink,
  prepareSource,
  type Redundancy,
  type SoftphoneOptions,
} from '../softphone/index.ts';
import { addPathOptions, type PathFlags, pathOptionsOf } from './path-options.ts';

/** What commander makes of the shared options. */
export interface PhoneFlags {
  readonly server?: string;
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly transport: PhoneTransport;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly log: LogLevel;
}

/** And of those that have to do with sound. */
export interface SoundFlags extends PathFlags {
  readonly codec?: readonly CodecName[];
  readonly play?: string;
  readonly record?: string;
  readonly stereo?: boolean;
  readonly redundancy: Redundancy;
  readonly opusEngine: OpusEngine;
  readonly qualityReport: boolean;
}

const TRANSPORTS: readonly PhoneTransport[] = ['udp', 'tcp'];
const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'silent'];

/** Adds who the phone is and where it listens. */
export function addPhoneOptions(command: Command): Command {
  return command
    .option(
      '--server <host[:port]>',
      'registrar and proxy (PATCHCORD_SERVER); without one, calls go out directly',
    )
    .option('--user <name>', 'account name, or user@domain (PATCHCORD_USER)')
    .option('--password <password>', 'better PATCHCORD_PASSWORD or --password-file: others see command lines')
    .option('--password-file <file>', 'file whose first line is the password')
    .option('--transport <udp|tcp>', 'transport of SIP', oneOf(TRANSPORTS), 'udp')
    .option('--local-address <address>', 'numeric address to listen on')
    .option('--local-port <port>', 'SIP port to listen on; 0 takes any free one', wholeNumber(0, 65_535))
    .option('--log <level>', LOG_LEVELS.join(', '), oneOf(LOG_LEVELS), 'silent');
}

/** Adds what is played, recorded and offered. */
export function addSoundOptions(command: Command): Command {
  return addPathOptions(command)
    .option('--play <sound>', PLAY_FORMS)
    .option('--record <where>', 'FILE.wav or speaker')
    .option(
      '--codec <names>',
      `in the order of preference, of ${allCodecNames.join(',')}; ${codecNames.join(',')} where not given`,
      codecList,
    )
    .option('--stereo', 'Opus in both directions with two channels: where people are in a spatial room')
    .option(
      '--redundancy <auto|off>',
      'copies of sound (RFC 2198) for a far end that knows them and loses packets',
      oneOf(['auto', 'off'] as const),
      'auto',
    )
    .option(
      '--opus-engine <name>',
      `${opusEngines.join(', ')}: the last is the libopus of this machine`,
      oneOf(opusEngines),
      'libopus-wasm',
    )
    .option('--no-quality-report', 'do not tell the server how good each call was (RFC 6035)');
}

/** Adds what is reported, and when a call ends. */
export function addReportOptions(command: Command): Command {
  return command
    .option('--duration <seconds>', 'hang up so long after the answer', positiveNumber)
    .option('--json', 'one JSON report a call on standard output')
    .option('--min-mos <mos>', 'exit with status 3 where either direction is worse', mosNumber);
}

/** The runtime of a command: the real one, with its log on standard error. */
export function commandRuntime(flags: Pick<PhoneFlags, 'log'>): Runtime {
  return createNodeRuntime({ log: createLog(flags.log) });
}

/** As {@link phoneOptionsOf}, for commands that wait for calls: without an account on the port where SIP is expected. */
export function waitingPhoneOptionsOf(
  flags: PhoneFlags,
  env: NodeJS.ProcessEnv = process.env,
): SoftphoneOptions {
  const options = phoneOptionsOf(flags, env);
  return options.account ? options : { localPort: DIRECT_PORT, ...options };
}

/** Flags before environment. @throws UsageError */
export function phoneOptionsOf(flags: PhoneFlags, env: NodeJS.ProcessEnv = process.env): SoftphoneOptions {
  const account = accountOf(flags, env);
  return {
    transport: flags.transport,
    ...(account ? { account } : {}),
    ...(flags.localAddress === undefined ? {} : { localAddress: flags.localAddress }),
    ...(flags.localPort === undefined ? {} : { localPort: flags.localPort }),
  };
}

function accountOf(flags: PhoneFlags, env: NodeJS.ProcessEnv): AccountOptions | undefined {
  const server = flags.server ?? env.PATCHCORD_SERVER;
  const user = flags.user ?? env.PATCHCORD_USER;
  if (!server) return undefined;
  if (!user) throw new UsageError('--server needs an account: add --user NAME (or PATCHCORD_USER)');
  const password = passwordOf(flags, env);
  return { server, user, ...(password === undefined ? {} : { password }) };
}

function passwordOf(flags: PhoneFlags, env: NodeJS.ProcessEnv): string | undefined {
  if (flags.password !== undefined) return flags.password;
  if (flags.passwordFile === undefined) return env.PATCHCORD_PASSWORD;
  try {
    return readFileSync(flags.passwordFile, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    throw new UsageError(`--password-file "${flags.passwordFile}" cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The sound options of a softphone. @throws UsageError before anything rings */
export async function soundOptionsOf(
  flags: SoundFlags,
  options: { readonly withoutMicrophone: 'speech' | 'silence'; readonly say: (line: string) => void },
): Promise<Omit<SoftphoneOptions, 'account' | 'transport' | 'localAddress' | 'localPort' | 'runtime'>> {
  return {
    ...pathOptionsOf(flags),
    reportsQuality: flags.qualityReport,
    opusEngine: flags.opusEngine,
    redundancy: flags.redundancy,
    isStereo: flags.stereo === true,
    ...(flags.codec ? { codecs: flags.codec } : {}),
    makeSource: await sourceOf(flags.play, options),
    makeSink: await prepareSink(flags.record),
  };
}

async function sourceOf(
  play: string | undefined,
  options: { readonly withoutMicrophone: 'speech' | 'silence'; readonly say: (line: string) => void },
): Promise<MakeSource> {
  if (play !== undefined) return prepareSource(parsePlayOption(play));
  if (await hasDevices()) return prepareSource({ kind: 'mic' });
  const instead = options.withoutMicrophone === 'speech' ? 'made-up speech' : 'silence';
  options.say(
    `no microphone here (package decibri is not installed): playing ${instead}; choose with --play`,
  );
  return prepareSource({ kind: options.withoutMicrophone });
}

function oneOf<Value extends string>(values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found === undefined) throw new InvalidArgumentError(`It should be one of ${values.join(', ')}.`);
    return found;
  };
}

function codecList(text: string): readonly CodecName[] {
  return text.split(',').map((name) => oneOf(allCodecNames)(name.trim().toLowerCase()));
}

/** For commander: a whole number within the bounds. */
export function wholeNumber(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value;
    throw new InvalidArgumentError(`It should be a whole number from ${lowest} to ${highest}.`);
  };
}

/** For commander: seconds, with or without a fraction. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It should be a number greater than 0.');
}

function mosNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 1 && value <= 5) return value;
  throw new InvalidArgumentError('It should be a MOS from 1 to 5.');
}
