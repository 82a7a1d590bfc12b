// Calls that nobody answered, and those that the server ended.

import { REASONS } from '../../call/reasons.ts';
import { ABANDONED_REASON } from '../../store/records.ts';
import type { CallView } from '../call-view.ts';
import { ofCall } from '../finding.ts';
import type { Finding } from '../types.ts';
import { textEvidence } from '../words.ts';
import type { Rule } from './rule.ts';

const CRASHED: Rule = ({ record, isLive }) => {
  if (isLive || record.reason !== ABANDONED_REASON) return [];
  return [
    ofCall('server-crashed', {
      sentence:
        'The server ended (a crash, a kill, a power cut) while the call lived, so nothing was measured',
      mend: 'look into the log before that moment; stop the server with SIGTERM, which lets calls end first',
    }),
  ];
};

const MEDIA_FAILED: Rule = ({ record }) => {
  if (!record.reason.startsWith(REASONS.mediaFailed)) return [];
  return [
    ofCall('media-failed', {
      sentence: `The call was ended because sound failed inside the server: ${record.reason.slice(REASONS.mediaFailed.length)}`,
      mend: 'this is a bug of Patchcord or a machine without memory: look for "error" in its log, and report it',
      evidence: [textEvidence('reason', record.reason)],
    }),
  ];
};

interface Refusal {
  fits(record: CallView['record']): boolean;
  tell(record: CallView['record']): Finding;
}

/** Why this server does not pass on what is secured end to end, and what would make it. */
const NOT_PASSED: Readonly<Record<string, string>> = {
  [REASONS.notPassedOn]: 'there is nothing to mend where a service, a room or a trunk was called',
  [REASONS.passingOff]: 'set media.direct to auto in patchcord.yaml, where phones may speak past the server',
  [REASONS.recorded]: 'set recording.calls to onDemand or never in patchcord.yaml, where that is allowed',
};

/** Refused with 488, on which phones call again without, unless security is required there. */
const SECURED_REFUSALS: readonly Refusal[] = [
  {
    fits: ({ reason }) => reason in NOT_PASSED,
    tell: ({ src, reason }) =>
      ofCall('secured-not-passed', {
        sentence: `${src}'s phone offered what is secured end to end, which was refused: ${reason}`,
        mend: NOT_PASSED[reason] ?? '',
      }),
  },
  {
    fits: ({ reason }) => reason === REASONS.securedRefused || reason === REASONS.plainAnswer,
    tell: ({ src, lastDst, reason }) =>
      ofCall('secured-refused', {
        sentence: `${src} offered ${lastDst} a call that is secured end to end, and ${reason}`,
        mend: `call without --secure required, or answer with a phone that knows DTLS-SRTP: patchcord answer --user ${lastDst}`,
      }),
  },
  {
    fits: ({ reason }) => reason === REASONS.dataRefused,
    tell: ({ src, lastDst }) =>
      ofCall('files-refused', {
        sentence: `${src} wanted to send a file, and ${lastDst}'s phone takes none`,
        mend: `patchcord answer --user ${lastDst} --accept-files FOLDER`,
      }),
  },
];

/** What there is to say of an unanswered call, by the first entry that fits. */
const REFUSALS: readonly Refusal[] = [
  {
    fits: ({ status }) => status === 503,
    tell: ({ reason }) =>
      ofCall('ports-exhausted', {
        sentence: `The call was refused with 503: ${reason}`,
        mend: 'give sound more ports, two for each party of a call: patchcord serve --media-ports 10000-20000; and see who else has them: ss -lun',
      }),
  },
  {
    fits: ({ reason }) => reason === REASONS.encryptedOffer,
    tell: ({ src }) =>
      ofCall('encrypted-offer', {
        sentence: `${src}'s phone offers encrypted sound (SRTP) alone, and this server carries plain RTP`,
        mend: "switch SRTP off, or to optional, in the phone's account settings",
      }),
  },
  ...SECURED_REFUSALS,
  {
    fits: ({ status }) => status === 488 || status === 415 || status === 606,
    tell: ({ status, reason, src, lastDst }) =>
      ofCall('no-common-codec', {
        sentence: `${src} and ${lastDst} found no common sound (${status}: ${reason})`,
        mend: 'switch PCMU or PCMA (G.711) on in both phones, and leave media.transcoding on in patchcord.yaml',
      }),
  },
  {
    fits: ({ reason }) => reason === REASONS.noPhone,
    tell: ({ lastDst }) =>
      ofCall('no-phone', {
        sentence: `No phone of ${lastDst} was registered when the call came`,
        mend: `check user name, password and server address in ${lastDst}'s phone; try: patchcord phone --server SERVER --user ${lastDst}`,
      }),
  },
  {
    fits: ({ reason }) => reason.startsWith(REASONS.noReaction),
    tell: ({ lastDst, reason }) =>
      ofCall('phone-silent', {
        sentence: `A phone of ${lastDst} is registered, but no answer to the call came from there`,
        mend: 'most often the NAT in front of it has forgotten the phone: let it register every 60 s or send keep-alives, or use TCP',
        evidence: [textEvidence('reason', reason)],
      }),
  },
  {
    fits: ({ status }) => status === 404 || status === 484,
    tell: ({ dst, reason }) =>
      ofCall('unknown-number', {
        sentence: `Nobody has the number ${dst} here: ${reason}`,
        mend: 'patchcord user list shows who there is; patchcord user add makes one',
      }),
  },
  {
    fits: ({ status }) => status === 500,
    tell: ({ reason }) =>
      ofCall('server-error', {
        sentence: `The call failed with 500: ${reason}`,
        mend: 'where the reason is the phone\'s own, look there; otherwise look for "call failed" in the server\'s log, and report it',
      }),
  },
  {
    fits: ({ status }) => [408, 480, 486, 487, 600, 603].includes(status ?? 0),
    tell: ({ lastDst, reason }) =>
      ofCall('unanswered', { sentence: `${lastDst} did not take the call: ${reason}` }),
  },
];

const REFUSED: Rule = ({ record, isAnswered, isLive }) => {
  if (isAnswered || isLive || record.reason === ABANDONED_REASON) return [];
  if (record.reason.startsWith(REASONS.mediaFailed)) return [];
  const known = REFUSALS.find(({ fits }) => fits(record));
  if (known) return [known.tell(record)];
  const { status, reason } = record;
  return [
    ofCall('refused', {
      sentence: `The call was refused${status === null ? '' : ` with ${status}`}: ${reason || 'without a reason'}`,
      evidence: status === null ? [] : [{ name: 'status', value: status, unit: null }],
    }),
  ];
};

const INACTIVE: Rule = ({ record, isAnswered }) => {
  if (!isAnswered || record.reason !== REASONS.inactive) return [];
  return [
    ofCall('ended-inactive', {
      sentence:
        'The server ended the call because neither sound nor reports arrived any more from one of the parties',
      mend: 'see whether that phone lost its network; media.inactivitySeconds in patchcord.yaml sets the limit',
    }),
  ];
};

const PHONE_GONE: Rule = ({ record, isAnswered }) => {
  if (!isAnswered || record.reason !== REASONS.phoneGone) return [];
  return [
    ofCall('phone-gone', {
      sentence:
        'The server ended the call, whose sound went past it, because a phone did not answer any more when it was asked',
      mend: 'see whether that phone lost its network or its power',
    }),
  ];
};

/** How calls end. */
export const ENDING_RULES: readonly Rule[] = [CRASHED, MEDIA_FAILED, REFUSED, INACTIVE, PHONE_GONE];
