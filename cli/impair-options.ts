// What the options of `patchcord impair` mean.
import { readFileSync } from 'node:fs';
import {
  addressFamily,
  DecodeError,
  type Endpoint,
  messageOf,
  parseHostPort,
  UsageError,
} from '../core/index.ts';
import {
  burstLoss,
  type DelayTrace,
  type EndpointRange,
  type LinkOptions,
  type LossModel,
  parseDelayTrace,
  patternLoss,
  randomLoss,
} from '../media/index.ts';

/** More ports than this are more than the files that a process may have open. */
const MOST_PORTS = 1000;

/** One impairment: its option, the form of its value, and what it does to a link. */
export interface ImpairmentOption {
  readonly flag: string;
  readonly value: string;
  readonly help: string;
  /** @throws UsageError */
  readonly read: (place: string, text: string) => LinkOptions;
}

/** Each is there twice: for both directions, and with `back-` before it for what comes back alone. */
export const IMPAIRMENTS: readonly ImpairmentOption[] = [
  {
    flag: 'loss',
    value: '10%|burst:10%,3|pattern:FILE',
    help: 'lost at random; in bursts of 3 on average; as the 0 (passed) and 1 (lost) of a file say',
    read: (place, text) => ({ loss: lossOf(place, text) }),
  },
  {
    flag: 'delay',
    value: '20ms',
    help: 'time under way',
    read: (place, text) => ({ delayMs: millisecondsOf(place, text) }),
  },
  {
    flag: 'jitter',
    value: '40ms|trace:FILE.csv',
    help: 'evenly spread from 0 to this; or delay and loss of a recording, lines of SEND_MS,RECV_MS',
    read: jitterOf,
  },
  {
    flag: 'reorder',
    value: '1%',
    help: 'overtaken: held for 30 ms more',
    read: (place, text) => ({ reorderRatio: ratioOf(place, text) }),
  },
  {
    flag: 'duplicate',
    value: '1%',
    help: 'passed twice',
    read: (place, text) => ({ duplicateRatio: ratioOf(place, text) }),
  },
  {
    flag: 'rate',
    value: '64k',
    help: 'bits a second, headers included (k, M); what would wait over 200 ms is dropped',
    read: (place, text) => ({ rateBitsPerSecond: rateOf(place, text) }),
  },
];

/** What of these ports is meant, `host:port` or `host:first-last`. @throws UsageError */
export function portRangeOf(place: string, text: string): EndpointRange {
  const [, hostPort = '', lastText] = /^(.*?:\d+)(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const { host = '', port = 0 } = parseHostPort(hostPort) ?? {};
  const last = lastText === undefined ? port : Number(lastText);
  const count = last - port + 1;
  if (!addressFamily(host) || port < 1 || last > 65_535 || count < 1) {
    throw wrong(
      place,
      text,
      'a numeric address with a port or a range of ports, as in 127.0.0.1:20000-20010',
    );
  }
  if (count > MOST_PORTS) throw wrong(place, text, `at most ${MOST_PORTS} ports`);
  return { address: host, port, count };
}

/** Whom `--only` means: an address, with a port or ports where given. @throws UsageError */
export function senderTestOf(place: string, text: string): (sender: Endpoint) => boolean {
  if (addressFamily(text)) return ({ address }) => address === text;
  const range = portRangeOf(place, text);
  return ({ address, port }) =>
    address === range.address && port >= range.port && port < range.port + range.count;
}

function lossOf(place: string, text: string): LossModel {
  const [, kind, rest = ''] = /^(burst|pattern):(.+)$/s.exec(text) ?? [];
  if (kind === 'burst') return burstOf(place, text);
  if (kind === 'pattern') return patternOf(place, rest);
  return randomLoss(ratioOf(place, text));
}

function burstOf(place: string, text: string): LossModel {
  const [, share = '', lengthText = ''] = /^burst:([^,]+),(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const length = Number(lengthText);
  if (length < 1 || share === '')
    throw wrong(place, text, 'a share and a mean length in packets, as in burst:10%,3');
  const lossRatio = ratioOf(place, share);
  const toGoodRatio = 1 / length;
  const toBadRatio = (lossRatio * toGoodRatio) / (1 - lossRatio);
  if (!(toBadRatio <= 1)) throw wrong(place, text, 'less loss or longer bursts');
  return burstLoss({ toBadRatio, toGoodRatio });
}

function patternOf(place: string, path: string): LossModel {
  const digits = textOf(place, path).replace(/\s+/g, '');
  if (!/^[01]+$/.test(digits)) throw wrong(place, path, 'a file of the digits 0 (passed) and 1 (lost) alone');
  return patternLoss([...digits].map((digit) => digit === '1'));
}

function jitterOf(place: string, text: string): LinkOptions {
  const [, path] = /^trace:(.+)$/s.exec(text) ?? [];
  if (path === undefined) return { jitterMs: millisecondsOf(place, text), trace: undefined };
  return { jitterMs: 0, trace: traceOf(place, path) };
}

function traceOf(place: string, path: string): DelayTrace {
  const trace = parseDelayTrace(textOf(place, path));
  if (trace instanceof DecodeError) throw new UsageError(`${place}: ${path}, ${trace}`);
  return trace;
}

function textOf(place: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${place}: "${path}" cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function ratioOf(place: string, text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]);
  if (percent <= 100) return percent / 100;
  throw wrong(place, text, 'a share from 0% to 100%, as in 10%');
}

function millisecondsOf(place: string, text: string): number {
  const value = Number(/^(\d+(?:\.\d+)?)ms$/.exec(text)?.[1]);
  if (value <= 60_000) return value;
  throw wrong(place, text, 'a time up to 60000ms, as in 40ms');
}

function rateOf(place: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text) ?? [];
  const value = Number(digits) * (unit === 'k' ? 1e3 : unit === 'M' ? 1e6 : 1);
  if (value >= 1) return value;
  throw wrong(place, text, 'bits a second, as in 64k or 2M');
}

function wrong(place: string, text: string, should: string): UsageError {
  return new UsageError(`${place} is "${text}"; it should be ${should}`);
}
