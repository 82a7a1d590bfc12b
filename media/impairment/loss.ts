// Named loss models. Each direction of each link gets a state of its own.
import type { Random } from '../../core/index.ts';
import type { Packet } from './packet.ts';

/** Decides over each packet in turn. */
export type LossDecision = (packet: Packet) => boolean;

/** A way to lose packets. `start` gives one direction of one link its own state. */
export interface LossModel {
  readonly name: string;
  start(random: Random): LossDecision;
}

export const noLoss: LossModel = { name: 'none', start: () => () => false };

/** Nothing passes. */
export const totalLoss: LossModel = { name: 'total', start: () => () => true };

/** Each packet is lost with the same probability. */
export function randomLoss(lossRatio: number): LossModel {
  return {
    name: `random ${lossRatio}`,
    start: (random) => () => random.float() < lossRatio,
  };
}

/**
 * Bursts, after Gilbert and Elliott: a good and a bad state, changed before each packet.
 * The share of bad packets is `toBadRatio / (toBadRatio + toGoodRatio)`; a burst has `1 / toGoodRatio` packets.
 */
export function burstLoss(options: {
  readonly toBadRatio: number;
  readonly toGoodRatio: number;
  /** Default 0. */
  readonly goodLossRatio?: number;
  /** Default 1. */
  readonly badLossRatio?: number;
}): LossModel {
  const { toBadRatio, toGoodRatio, goodLossRatio = 0, badLossRatio = 1 } = options;
  return {
    name: `burst ${toBadRatio}/${toGoodRatio}`,
    start: (random) => {
      let isBad = false;
      return () => {
        isBad = isBad ? random.float() >= toGoodRatio : random.float() < toBadRatio;
        return random.float() < (isBad ? badLossRatio : goodLossRatio);
      };
    },
  };
}

/** Loses exactly these packets of the direction; the first is number 1. */
export function dropNth(...numbers: readonly number[]): LossModel {
  return {
    name: `nth ${numbers.join(',')}`,
    start: () => {
      let count = 0;
      return () => {
        count += 1;
        return numbers.includes(count);
      };
    },
  };
}

/** Loses every `period`th packet: an exact ratio. */
export function dropEvery(period: number): LossModel {
  return {
    name: `every ${period}`,
    start: () => {
      let count = 0;
      return () => {
        count += 1;
        return count % period === 0;
      };
    },
  };
}

/**
 * Loses by a recorded pattern, again and again.
 *
 * @param isLost - one entry a packet; at least one
 */
export function patternLoss(isLost: readonly boolean[]): LossModel {
  return {
    name: `pattern of ${isLost.length}`,
    start: () => {
      let next = 0;
      return () => {
        const lost = isLost[next] ?? false;
        next = (next + 1) % isLost.length;
        return lost;
      };
    },
  };
}

/** Loses the packets that fit, the first `times` of them (default all), in each direction. */
export function dropWhere(fits: (packet: Packet) => boolean, times = Number.POSITIVE_INFINITY): LossModel {
  return {
    name: 'where',
    start: () => {
      let left = times;
      return (packet) => {
        if (left <= 0 || !fits(packet)) return false;
        left -= 1;
        return true;
      };
    },
  };
}

/**
 * Loses packets whose text fits, say `/^ACK /` or `/^SIP\/2\.0 200 .*CSeq: \d+ INVITE/s`.
 *
 * @param times - how many of them, in each direction; default all
 */
export function dropText(pattern: RegExp, times?: number): LossModel {
  const decoder = new TextDecoder('latin1');
  return dropWhere((packet) => pattern.test(decoder.decode(packet.bytes)), times);
}

/** A packet is lost where any of the models loses it; all of them see every packet. */
export function anyLoss(...models: readonly LossModel[]): LossModel {
  return {
    name: models.map((model) => model.name).join(' + '),
    start: (random) => {
      const decisions = models.map((model, i) => model.start(random.fork(`model ${i}`)));
      return (packet) => decisions.filter((isLost) => isLost(packet)).length > 0;
    },
  };
}
