// The package that does ICE, DTLS, SRTP and SCTP for us. Loaded when it is needed first: nobody else waits for it.
import { messageOf, OperationError } from '../../core/index.ts';

/** What `node-datachannel` exports. */
export type Library = typeof import('node-datachannel').default;

let loading: Promise<Library> | undefined;

/** @throws OperationError `SECURE_UNAVAILABLE` where there is no binary for this system */
export function loadLibrary(): Promise<Library> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Library> {
  try {
    const { default: library } = await import('node-datachannel');
    tune(library);
    return library;
  } catch (error) {
    throw new OperationError(
      'SECURE_UNAVAILABLE',
      `secured calls and files need the package node-datachannel, which has no binary for ${process.platform} ${process.arch} here (${messageOf(error).split('\n', 1)[0]}); call without --secure`,
      { cause: error },
    );
  }
}

/** Enough for the window of one file at the speed of a local network, and no more: both sides hold it in memory. */
const SCTP_BUFFER_BYTES = 1024 * 1024;

function tune(library: Library): void {
  library.setSctpSettings({
    recvBufferSize: SCTP_BUFFER_BYTES,
    sendBufferSize: SCTP_BUFFER_BYTES,
    // Acknowledged at once: on a path that loses much, nothing brings more.
    delayedSackTime: 0,
  });
}
