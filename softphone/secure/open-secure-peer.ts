// Opens one side of an association, in the words of node-datachannel: what it offers, or how it answers.
import type { Audio, PeerConnection } from 'node-datachannel';
import { DecodeError, messageOf, OperationError, type Runtime, sleep } from '../../core/index.ts';
import { parseSdp, securedSections } from '../../signaling/index.ts';
import type { PeerCertificate } from './certificate.ts';
import { type Library, loadLibrary } from './library.ts';
import { remoteOfferOf } from './remote-description.ts';
import { type PeerParts, SecurePeer } from './secure-peer.ts';
import type { SecureServers } from './secure-servers.ts';

export interface SecurePeerOptions {
  readonly hasSound: boolean;
  /** Labels of the data channels that we open; the far end may open more. */
  readonly channels: readonly string[];
  readonly servers: SecureServers;
  /** One of its own where not given. */
  readonly certificate?: PeerCertificate | undefined;
  /** The far end's offer; not given where we offer. */
  readonly offerSdp?: string | undefined;
}

/** Servers that do not answer are waited for no longer. */
const GATHER_LIMIT_MS = 3000;
/**
 * Opens an association as far as one side can: all its candidates are gathered.
 *
 * @throws OperationError `SECURE_UNAVAILABLE` without the package, `SECURE_OFFER_USELESS` where the offer makes no sense
 */
export async function openSecurePeer(runtime: Runtime, options: SecurePeerOptions): Promise<SecurePeer> {
  const library = await loadLibrary();
  const connection = new library.PeerConnection('patchcord', {
    iceServers: [...options.servers.iceServers],
    disableAutoNegotiation: true,
    ...(options.certificate
      ? { certificatePemFile: options.certificate.certificatePem, keyPemFile: options.certificate.keyPem }
      : {}),
    ...(options.servers.bindAddress === undefined ? {} : { bindAddress: options.servers.bindAddress }),
  });
  const gathered = new Promise<void>((resolve) => {
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') resolve();
    });
  });
  try {
    const parts =
      options.offerSdp === undefined
        ? offer(library, connection, options)
        : answer(library, connection, options);
    const patience = new AbortController();
    await Promise.race([gathered, sleep(runtime, GATHER_LIMIT_MS, patience.signal)]);
    patience.abort();
    const description = parseSdp(connection.localDescription()?.sdp ?? '');
    if (description instanceof DecodeError) throw new OperationError('SECURE_FAILED', description.toString());
    return new SecurePeer(runtime, {
      connection,
      ...parts,
      description,
      isAnswer: options.offerSdp !== undefined,
    });
  } catch (error) {
    connection.close();
    throw error instanceof OperationError
      ? error
      : new OperationError('SECURE_OFFER_USELESS', `no secured path can be opened: ${messageOf(error)}`, {
          cause: error,
        });
  }
}

type Opened = Pick<PeerParts, 'track' | 'channels' | 'held'>;

function offer(library: Library, connection: PeerConnection, options: SecurePeerOptions): Opened {
  const track = options.hasSound ? connection.addTrack(soundOf(library, 'audio')) : undefined;
  const channels = options.channels.map((label) => connection.createDataChannel(label));
  connection.setLocalDescription('offer');
  return { track, channels, held: [] };
}

function answer(library: Library, connection: PeerConnection, options: SecurePeerOptions): Opened {
  const { offerSdp = '', hasSound } = options;
  const { sdp, held } = remoteOfferOf(offerSdp);
  connection.setRemoteDescription(sdp, 'offer');
  const description = parseSdp(offerSdp);
  const mid = description instanceof DecodeError ? undefined : securedSections(description).sound?.mid;
  const track = hasSound && mid !== undefined ? connection.addTrack(soundOf(library, mid)) : undefined;
  connection.setLocalDescription('answer');
  return { track, channels: [], held };
}

/** A section of sound. Its formats are put in when it is described: what a track carries is none of the package's business. */
function soundOf(library: Library, mid: string): Audio {
  const sound = new library.Audio(mid, 'SendRecv');
  sound.addAudioCodec(0, 'PCMU');
  return sound;
}
