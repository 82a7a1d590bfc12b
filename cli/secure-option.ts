// --secure: calls whose keys are known to both ends alone.
import { type Command, InvalidArgumentError } from 'commander';
import type { SecureUse, SoftphoneOptions } from '../softphone/index.ts';

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

function secureUse(text: string): SecureUse {
  const found = USES.find((use) => use === text);
  if (!found) throw new InvalidArgumentError(`It should be one of ${USES.join(', ')}.`);
  return found;
}
