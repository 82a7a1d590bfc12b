// Everything that the doctor can find, the most explaining first, and what each finding explains of others.
import type { Severity } from './types.ts';

export interface CatalogueEntry {
  /** Unless the rule says otherwise. */
  readonly severity: Severity;
  /** In a word or two, for tables. */
  readonly title: string;
  /** Findings that are symptoms of this one, and left out beside it. */
  readonly explains?: readonly string[];
  /** `call`: of both directions; `sound` (where not given): of the sound of the same speaker. */
  readonly explainsIn?: 'call' | 'sound';
}

/** Nothing of a party came, in the words of those who miss it. */
const SILENCES = ['nothing-arrives', 'sends-no-sound', 'sound-stopped', 'ended-inactive'];
/** A call without one direction rates badly, and its other figures say little. */
const CONSEQUENCES = ['unheard', 'unreachable-address', 'low-mos', 'no-rtcp', 'behind-nat'];
const TIMING = ['jitter', 'round-trip-spikes', 'disorder', 'buffer-delay'];

/** In the order in which findings of one severity are told. */
export const CATALOGUE = {
  'media-failed': { severity: 'fault', title: 'media failed', explains: SILENCES, explainsIn: 'call' },
  'server-crashed': { severity: 'fault', title: 'server crashed' },
  'server-error': { severity: 'fault', title: 'error of the server' },
  'ports-exhausted': { severity: 'fault', title: 'no port left' },
  'encrypted-offer': { severity: 'fault', title: 'SRTP only' },
  'secured-not-passed': { severity: 'risk', title: 'not secured past the server' },
  'secured-refused': { severity: 'risk', title: 'phone without DTLS' },
  'files-refused': { severity: 'fault', title: 'no files taken' },
  'no-common-codec': { severity: 'fault', title: 'no common codec' },
  'no-phone': { severity: 'fault', title: 'not registered' },
  'phone-silent': { severity: 'fault', title: 'phone did not react' },
  'unknown-number': { severity: 'fault', title: 'unknown number' },
  refused: { severity: 'fault', title: 'refused' },

  hold: {
    severity: 'note',
    title: 'hold',
    explains: [...SILENCES, ...CONSEQUENCES],
    explainsIn: 'call',
  },
  'ports-blocked': {
    severity: 'fault',
    title: 'ports of the server blocked',
    explains: [...SILENCES, ...CONSEQUENCES],
    explainsIn: 'call',
  },
  'advertised-address-private': {
    severity: 'fault',
    title: 'private address advertised',
    explains: [...SILENCES, ...CONSEQUENCES],
    explainsIn: 'call',
  },
  'advertised-address-unreached': {
    severity: 'fault',
    title: 'advertised address wrong',
    explains: [...SILENCES, ...CONSEQUENCES],
    explainsIn: 'call',
  },
  'stranger-taken': {
    severity: 'fault',
    title: 'wrong source learned',
    explains: [...SILENCES, ...CONSEQUENCES, 'stranger-refused', 'source-moved', 'disorder', 'loss-random'],
    explainsIn: 'call',
  },
  'source-moved': {
    severity: 'fault',
    title: 'source changed',
    explains: [...SILENCES, ...CONSEQUENCES, 'stranger-refused'],
    explainsIn: 'call',
  },
  'codec-not-agreed': {
    severity: 'fault',
    title: 'codec not agreed',
    explains: [...SILENCES, ...CONSEQUENCES],
  },
  'not-rtp': { severity: 'fault', title: 'no RTP', explains: [...SILENCES, ...CONSEQUENCES] },
  'codec-missing': { severity: 'fault', title: 'codec missing', explains: CONSEQUENCES },
  'not-convertible': { severity: 'fault', title: 'codec not convertible', explains: CONSEQUENCES },
  'nothing-arrives': {
    severity: 'fault',
    title: 'nothing arrives',
    explains: ['ended-inactive', ...CONSEQUENCES],
    explainsIn: 'call',
  },
  'sends-no-sound': {
    severity: 'fault',
    title: 'no sound sent',
    explains: ['ended-inactive', 'low-mos'],
    explainsIn: 'call',
  },
  'sound-stopped': {
    severity: 'fault',
    title: 'sound stopped',
    explains: ['ended-inactive'],
    explainsIn: 'call',
  },
  'ended-inactive': { severity: 'fault', title: 'ended for silence' },
  'phone-gone': { severity: 'fault', title: 'phone gone' },
  'unreachable-address': {
    severity: 'fault',
    title: 'unreachable address in SDP',
    explains: ['unheard', 'no-rtcp'],
  },
  unheard: { severity: 'fault', title: 'does not hear' },

  'loss-congestion': {
    severity: 'fault',
    title: 'congestion',
    explains: [...TIMING, 'late-loss', 'low-mos'],
  },
  'loss-bursty': { severity: 'fault', title: 'bursts of loss', explains: ['low-mos'] },
  'loss-random': { severity: 'fault', title: 'loss', explains: ['low-mos'] },
  'late-loss': { severity: 'fault', title: 'late packets', explains: [...TIMING, 'low-mos'] },
  jitter: {
    severity: 'fault',
    title: 'jitter',
    explains: ['round-trip-spikes', 'disorder', 'buffer-delay', 'low-mos'],
  },
  'long-delay': { severity: 'fault', title: 'long delay', explains: ['low-mos'], explainsIn: 'call' },
  'buffer-delay': {
    severity: 'fault',
    title: 'large buffers',
    explains: ['low-mos'],
    explainsIn: 'call',
  },
  echo: { severity: 'fault', title: 'echo', explains: ['low-mos'], explainsIn: 'call' },
  'clock-drift': { severity: 'fault', title: 'clock drift' },
  'bad-numbering': { severity: 'fault', title: 'numbers jump' },
  disorder: { severity: 'risk', title: 'out of order or doubled' },
  'round-trip-spikes': { severity: 'risk', title: 'round trip swings', explains: ['buffer-delay'] },
  'low-mos': { severity: 'fault', title: 'low MOS' },
  'direct-path-poor': { severity: 'fault', title: 'poor between the phones' },

  'digits-not-agreed': { severity: 'fault', title: 'digits not agreed' },
  'digits-refused': { severity: 'fault', title: 'digits refused' },
  'digits-unsendable': { severity: 'fault', title: 'digits lost' },
  'digits-unreadable': { severity: 'fault', title: 'digits not understood' },
  'digits-lost-in-codec': { severity: 'risk', title: 'no way for digits' },
  'digits-in-sound': { severity: 'note', title: 'digits within sound' },

  'rtcp-lies': { severity: 'risk', title: 'impossible reports' },
  'stranger-refused': { severity: 'note', title: 'stranger refused' },
  'direct-path': { severity: 'note', title: 'direct' },
  'behind-nat': { severity: 'note', title: 'behind NAT' },
  'no-rtcp': { severity: 'note', title: 'no RTCP' },
  transcoded: { severity: 'note', title: 'transcoded' },
  unanswered: { severity: 'note', title: 'not answered' },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

/** Stable: machines may go by it. */
export type FindingCode = keyof typeof CATALOGUE;

/** All codes, in their order. */
export const FINDING_CODES = Object.keys(CATALOGUE) as readonly FindingCode[]; // Its keys are the codes.

/** What the catalogue has of a code. */
export function entryOf(code: FindingCode): CatalogueEntry {
  return CATALOGUE[code];
}
