// patchcord call: place one call, report, exit by its quality.
import { type Command, InvalidArgumentError } from 'commander';
import { createSoftphone, EXIT_BELOW_MIN_MOS, exitStatusOf } from '../softphone/index.ts';
import { adviceOn, hostOf } from './call-advice.ts';
import { followCall, printReport } from './call-follow.ts';
import {
  addPhoneOptions,
  addReportOptions,
  addSoundOptions,
  commandRuntime,
  type PhoneFlags,
  phoneOptionsOf,
  type SoundFlags,
  soundOptionsOf,
} from './call-options.ts';
import { Screen } from './call-screen.ts';
import { stopSignal } from './call-signals.ts';
import { endWhenSaid } from './end-process.ts';
import { addSecureOption, notSecuredText, type SecureFlags, secureOptionsOf } from './secure-option.ts';

/** Flags of `call` and `answer` that say what is reported. */
export interface ReportFlags {
  readonly duration?: number;
  readonly json?: boolean;
  readonly minMos?: number;
}

interface CallFlags extends PhoneFlags, SoundFlags, ReportFlags, SecureFlags {
  readonly pin?: string;
}

const HELP = `
Exit status: 0 good, 1 the call failed or broke off, 2 wrong usage or a recording that is not whole, 3 below --min-mos,
4 no sound arrived.

  patchcord call bob --server 127.0.0.1 --user alice --password-file alice.txt --play tone:440 --duration 10
  patchcord call sip:bob@192.0.2.7:5070 --record heard.wav
  patchcord call bob --secure --server 127.0.0.1 --user alice --password-file alice.txt
  patchcord call sip:bob@192.0.2.7 --turn 'turn:192.0.2.9?transport=tcp' --turn-user alice --ice relay
  patchcord call lounge --pin 1234 --stereo --record room.wav --server 127.0.0.1 --user alice --password-file alice.txt`;

export function register(program: Command): void {
  const command = program.command('call <target>').description('call a name, a number or sip:user@host');
  addReportOptions(addSoundOptions(addPhoneOptions(addSecureOption(command, 'off where not given'))))
    .option('--pin <digits>', 'sent with a pound sign after the answer: of a conference room', pinDigits)
    .addHelpText('after', HELP)
    .action(async (target: string, flags: CallFlags) => {
      endWhenSaid(await call(target, flags));
    });
}

function pinDigits(text: string): string {
  if (/^\d{1,16}$/.test(text)) return text;
  throw new InvalidArgumentError('It should be 1 to 16 digits.');
}

async function call(target: string, flags: CallFlags): Promise<number> {
  const runtime = commandRuntime(flags);
  const screen = new Screen(process.stderr, () => runtime.clock.now());
  const stop = stopSignal();
  const say = (line: string) => screen.line(line);
  const sound = await soundOptionsOf(flags, { withoutMicrophone: 'speech', say });
  const phone = await createSoftphone({
    ...phoneOptionsOf(flags),
    ...sound,
    ...secureOptionsOf(flags),
    runtime,
  });
  try {
    const outgoing = await phone.call(target);
    screen.line(`calling ${outgoing.remoteText}`);
    const notSecured = notSecuredText(flags, outgoing);
    if (notSecured !== undefined) screen.line(notSecured);
    const { pin } = flags;
    if (pin !== undefined) {
      outgoing.once('answered', () => {
        if (!outgoing.sendDigits(`${pin}#`)) screen.line('--pin: the far end takes no digits');
      });
    }
    const report = await followCall(outgoing, {
      runtime,
      screen,
      signal: stop.signal,
      durationSeconds: flags.duration,
    });
    printReport(report, { json: flags.json === true, screen });
    const advice = adviceOn(report, hostOf(target, flags.server ?? process.env.PATCHCORD_SERVER));
    if (advice !== undefined) screen.line(advice);
    const status = exitStatusOf(report, flags.minMos);
    if (status === EXIT_BELOW_MIN_MOS)
      screen.line(`--min-mos ${flags.minMos}: not reached in both directions`);
    return status;
  } finally {
    await phone.close();
    stop.dispose();
  }
}
