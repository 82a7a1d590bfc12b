// The shape of patchcord.yaml, with the default of every setting.
import { z } from 'zod';
import { DecodeError, parseHostPort, type ThreadSockets } from '../../core/index.ts';
import { allCodecNames, codecNames, opusEngines } from '../../media/index.ts';
import { parseUri } from '../../signaling/index.ts';
import { DEFAULT_NO_ANSWER_SECONDS } from '../call/forwarding.ts';
import { advertisedAddresses, insideNetworks } from './address-schema.ts';
import { listenOn } from './listen-schema.ts';
import { portRange } from './port-range.ts';
import { checkRooms, conference, rooms } from './room-schema.ts';
import { soundFile } from './sound-file.ts';
import { turn } from './turn-schema.ts';
import { isUserName, USER_NAME_RULE } from './user-name.ts';

/** Where SIP and its neighbours listen unless something else is configured. */
export const DEFAULT_PORT = 5060;

/** Where Homer listens by convention, and the number of the node where none is given. */
const HEP_PORT = 9060;
const DEFAULT_CAPTURE_ID = 2001;

const listen = listenOn(DEFAULT_PORT);

const seconds = (lowest: number, highest: number) => z.number().int().min(lowest).max(highest);

const target = z.string().min(1).max(256);

const forward = z.strictObject({
  always: target.optional(),
  busy: target.optional(),
  noAnswer: z
    .strictObject({ target, afterSeconds: seconds(1, 600).default(DEFAULT_NO_ANSWER_SECONDS) })
    .or(target.transform((text) => ({ target: text, afterSeconds: DEFAULT_NO_ANSWER_SECONDS })))
    .optional(),
  unreachable: target.optional(),
});

const user = z.strictObject({
  password: z.string().min(1).max(256),
  displayName: z.string().max(128).optional(),
  forward: forward.default({}),
});

const sip = z.strictObject({ udp: listen.optional(), tcp: listen.optional() });

const codecs = z
  .array(z.enum(allCodecNames))
  .min(1)
  .refine((names) => new Set(names).size === names.length, { message: 'should name each codec once' });

const mediaSockets = ['auto', 'linux', 'node'] as const satisfies readonly ThreadSockets[];

const media = z.strictObject({
  ports: portRange.default({ first: 10_000, last: 20_000 }),
  workers: z.number().int().min(1).max(64).optional(),
  sockets: z.enum(mediaSockets).default('auto'),
  inactivitySeconds: seconds(5, 3600).default(60),
  transcoding: z.boolean().default(true),
  codecs: codecs.default([...codecNames]),
  opusEngine: z.enum(opusEngines).default(opusEngines[0]),
  redundancy: z.enum(['auto', 'off']).default('auto'),
  direct: z.enum(['auto', 'off']).default('auto'),
  holdMusic: soundFile.optional(),
});

const recording = z.strictObject({
  folder: z.string().min(1).optional(),
  calls: z.enum(['never', 'always', 'onDemand']).default('never'),
  format: z.enum(['opus', 'wav']).default('opus'),
  tracks: z.boolean().default(true),
  beep: z.boolean().default(true),
});

const announcements = z.strictObject({
  busy: soundFile.optional(),
  noAnswer: soundFile.optional(),
  unknownNumber: soundFile.optional(),
  unavailable: soundFile.optional(),
});

/** A name or numeric address that is sent to. */
const destination = (defaultPort: number) =>
  z.string().transform((text, context) => {
    const { host, port = defaultPort } = parseHostPort(text) ?? {};
    if (host !== undefined && port > 0) return { host, port };
    context.addIssue({
      code: 'custom',
      message: `should be a host, with or without a port, as in "homer.example.org:${defaultPort}"`,
    });
    return z.NEVER;
  });

const sipAddress = z.string().refine(
  (text) => {
    const uri = parseUri(text);
    return !(uri instanceof DecodeError) && (uri.scheme === 'sip' || uri.scheme === 'sips');
  },
  { message: 'should be a SIP address, as in "sip:collector.example.org"' },
);

const quality = z.strictObject({ collector: sipAddress.optional() });

const hep = z.strictObject({
  address: destination(HEP_PORT),
  captureId: z.number().int().min(0).max(0xffff_ffff).default(DEFAULT_CAPTURE_ID),
  password: z.string().min(1).max(256).optional(),
  transport: z.literal('udp').default('udp'),
});

const hostName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, {
    message: 'should be a host name, as in "example.org"',
  })
  .max(253);

const settings = z.strictObject({
  dataFolder: z.string().min(1).default('patchcord-data'),
  realm: hostName.optional(),
  domains: z.array(hostName).default([]),
  sip: sip.default({}),
  digest: z
    .array(z.enum(['SHA-256', 'MD5']))
    .min(1)
    .default(['SHA-256', 'MD5']),
  advertisedAddress: advertisedAddresses.default([]),
  insideNetworks: insideNetworks.optional(),
  media: media.prefault({}),
  turn: turn.prefault({}),
  announcements: announcements.default({}),
  quality: quality.default({}),
  hep: hep.optional(),
  recording: recording.prefault({}),
  log: z.enum(['error', 'warn', 'info', 'debug', 'silent']).default('warn'),
  ringSeconds: seconds(5, 600).default(60),
  drainSeconds: seconds(0, 86_400).default(30),
  maxCalls: z.number().int().min(1).max(100_000).default(2000),
  users: z
    .record(z.string().refine(isUserName, { message: `should be ${USER_NAME_RULE}` }), user)
    .default({}),
  conference: conference.prefault({}),
  rooms: rooms.default({}),
});

/** Everything that can be configured. */
export const configurationSchema = settings.superRefine((configuration, context) => {
  checkRooms(configuration, (path, message) => {
    context.addIssue({ code: 'custom', path: [...path], message });
  });
});

/** A checked configuration; what has no default and was not set is undefined. */
export type Configuration = z.output<typeof configurationSchema>;

/** A configuration as it is written, in the file or in a program. */
export type ConfigurationInput = z.input<typeof configurationSchema>;

/** One user of the configuration file. */
export type ConfiguredUser = z.output<typeof user>;

/** Names that may stand at a place of the file, for those who mistyped one. */
export function knownNamesAt(path: readonly PropertyKey[]): readonly string[] {
  let shape: unknown = configurationSchema;
  for (const part of path) shape = childOf(unwrapped(shape), part);
  const object = unwrapped(shape);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function childOf(shape: unknown, part: PropertyKey): unknown {
  if (shape instanceof z.ZodRecord) return shape.valueType;
  return shape instanceof z.ZodObject && typeof part === 'string' ? shape.shape[part] : undefined;
}

function unwrapped(shape: unknown): unknown {
  const isWrapper =
    shape instanceof z.ZodDefault || shape instanceof z.ZodPrefault || shape instanceof z.ZodOptional;
  if (isWrapper) return unwrapped(shape.unwrap());
  if (shape instanceof z.ZodUnion)
    return shape.options.map(unwrapped).find((one) => one instanceof z.ZodObject);
  return shape;
}
