// A range of UDP ports, as it stands in patchcord.yaml.
import { z } from 'zod';

/** `FIRST-LAST`, four ports at least. */
export const portRange = z.string().transform((text, context) => {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  // A call takes four ports: RTP and RTCP for each of its two legs.
  if (range.first >= 1024 && range.last <= 65_535 && range.last - range.first >= 3) return range;
  context.addIssue({
    code: 'custom',
    message: 'should be FIRST-LAST from 1024 to 65535, at least four ports, as in "10000-20000"',
  });
  return z.NEVER;
});
