// In which order the records of a service are tried (RFC 2782).
import type { Random, SrvRecord } from '../../core/index.ts';

/** By priority; among equals by lot, in proportion to their weights. The root as name means "not here". */
export function orderSrvRecords(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  const usable = records.filter(({ name }) => name !== '' && name !== '.');
  const priorities = [...new Set(usable.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawByWeight(
      usable.filter((record) => record.priority === priority),
      random,
    ),
  );
}

function drawByWeight(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  // RFC 2782: records of weight 0 go first, so that they have a small chance.
  const left = records.toSorted((a, b) => Number(a.weight > 0) - Number(b.weight > 0));
  const drawn: SrvRecord[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    const lot = Math.floor(random.float() * (total + 1));
    let sum = 0;
    const index = left.findIndex(({ weight }) => {
      sum += weight;
      return sum >= lot;
    });
    drawn.push(...left.splice(Math.max(index, 0), 1));
  }
  return drawn;
}
