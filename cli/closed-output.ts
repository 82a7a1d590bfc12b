// A reader that has enough (`patchcord records | head -1`) closes the pipe: that is no error of ours.

/** The part of a stream that is used; `process.stdout` is one. */
export interface OutputStream {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Tells where nobody reads the output any more; every other error stays one.
 *
 * @param end - ends what only prints, with the status it is given; what goes on unseen ignores it
 */
export function endWhenClosed(output: OutputStream, end: (status: number) => void): void {
  output.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    end(0);
  });
}
