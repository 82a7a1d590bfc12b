// What the far end describes, in the form in which node-datachannel takes it without losing anything.

/** A candidate that the package is told of later, as `addRemoteCandidate` takes it. */
export interface HeldCandidate {
  readonly text: string;
  readonly mid: string;
}

export interface HeldOffer {
  readonly sdp: string;
  readonly held: readonly HeldCandidate[];
}

/** The answer as the package is told of it. */
export function remoteAnswerOf(sdp: string): string {
  // It takes the candidates after the rest: told of their end before, its agent may give up for want of any.
  return sdp.replace(/^a=end-of-candidates\r?\n/gm, '');
}

/**
 * The offer as the package is told of it, without the candidates that have to wait until the far end has our answer.
 *
 * A check of ours that is there sooner lets the package of the far end (libdatachannel 0.24.5) go through ICE and DTLS while it
 * still stores the answer: it finds no fingerprint to compare with, and gives up; or our first DTLS message comes before it
 * listens, which costs a second. Only to a host that is near are we so fast, and there the checks of the far end find us.
 */
export function remoteOfferOf(sdp: string): HeldOffer {
  const held: HeldCandidate[] = [];
  const sections = sdp.split(/^(?=m=)/m).map((section) => {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
    if (mid === undefined) return section;
    return section.replace(/^a=(candidate:[^\r\n]* typ host[^\r\n]*)\r?\n/gm, (_, text: string) => {
      held.push({ text, mid });
      return '';
    });
  });
  return { sdp: remoteAnswerOf(sections.join('')), held };
}
