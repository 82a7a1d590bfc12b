// What sdp-transform found, checked: it lets pass nearly everything, and turns what looks like a number into one.
import { z } from 'zod';

const text = z.union([z.string(), z.number()]).transform(String);
const digits = text.refine((value) => /^\d{1,20}$/.test(value), 'is not a number');
const port = z.number().int().min(0).max(65_535);
const address = z.string().regex(/^[\w.:-]+(?:\/\d+){0,2}$/, 'is no address');
const milliseconds = z.number().positive().max(10_000);
// What only refines a description is left out where it is wrong, rather than that a call is refused for it.
const clockRateHz = z.number().int().min(1).max(1_000_000).optional().catch(undefined);
const anyPayloadType = z.number().int().catch(-1);
const direction = z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']);
const connection = z.object({ version: z.literal([4, 6]), ip: address });

const shared = {
  connection: connection.optional(),
  direction: direction.optional(),
  rtcpMux: z.literal('rtcp-mux').optional(),
  ptime: milliseconds.optional().catch(undefined),
  maxptime: milliseconds.optional().catch(undefined),
};

/** An `m=` section as sdp-transform gives it. */
export const mediaSchema = z.object({
  ...shared,
  type: text.refine((value) => value !== '', 'is missing'),
  port,
  protocol: z.string().min(1),
  payloads: text.refine((value) => value.trim() !== '', 'is missing'),
  rtp: z.array(
    z.object({
      payload: anyPayloadType,
      codec: text.catch(''),
      rate: clockRateHz,
      encoding: z.union([z.string(), z.number()]).optional(),
    }),
  ),
  fmtp: z.array(z.object({ payload: anyPayloadType, config: text.catch('') })),
  rtcp: z.object({ port, address: address.optional() }).optional().catch(undefined),
  mid: text.optional(),
});

/** A whole description as sdp-transform gives it. */
export const sessionSchema = z.object({
  ...shared,
  version: z.literal(0),
  origin: z.object({
    username: text,
    sessionId: digits,
    sessionVersion: digits,
    netType: z.literal('IN'),
    ipVer: z.literal([4, 6]),
    address,
  }),
  name: text.optional(),
  media: z.array(mediaSchema),
});

export type CheckedMedia = z.infer<typeof mediaSchema>;
export type CheckedSession = z.infer<typeof sessionSchema>;
