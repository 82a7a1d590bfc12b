// --secure: calls whose keys are known to both ends alone.
import { type Command, InvalidArgumentError } from 'commander';
import type { PhoneCall, SecureUse, SoftphoneOptions } from '../softphone/index.ts';

export interface SecureFlags {
  /** `true`: given without a word. */
  readonly secure?: SecureUse | true;
}

const USES: readonly SecureUse[] = ['auto', 'required', 'off'];

/** @param what - what it means for the command, where nothing is given */
export function addSecureOption(command: Command, what: string): Command {
  return command.option(
    '--secure [auto|required|off]',
    `end-to-end encryption between two phones of ours (DTLS-SRTP), with chat; ${what}`,
    secureUse,
  );
}

/** `--secure` alone means `auto`. */
export function secureOptionsOf({ secure }: SecureFlags): Pick<SoftphoneOptions, 'secure'> {
  if (secure === undefined) return {};
  return { secure: secure === true ? 'auto' : secure };
}

const NOT_SECURED =
  'not encrypted: the far end, or the server, takes no encrypted calls; --secure required ends such calls';

/** What is to be said of a call that was to be encrypted, and is not; undefined of all others. */
export function notSecuredText(
  { secure }: SecureFlags,
  { isSecured }: Pick<PhoneCall, 'isSecured'>,
): string | undefined {
  return (secure === true || secure === 'auto') && !isSecured ? NOT_SECURED : undefined;
}

function secureUse(text: string): SecureUse {
  const found = USES.find((use) => use === text);
  if (!found) throw new InvalidArgumentError(`It should be one of ${USES.join(', ')}.`);
  return found;
}
