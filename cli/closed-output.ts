// A reader that has enough (`patchcord records | head -1`) closes the pipe: that is no error of ours.

/** The part of a stream that is used; `process.stdout` is one. */
export interface OutputStream {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Ends quietly where nobody reads the output any more; every other error stays one.
 *
 * @param end - ends the process with the status it is given
 */
export function endWhenClosed(output: OutputStream, end: (status: number) => void): void {
  output.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    end(0);
  });
}
