// What an agent saw and did, and what it dropped and why.

/** All from the start of the agent, over restarts. */
export interface IceCounters {
  checksSent: number;
  checksResent: number;
  checksAnswered: number;
  /** Not sent: too many went to that address without an answer. */
  checksWithheld: number;
  /** Of the peer, in order and answered. */
  checksReceived: number;
  /** Requests that proved nothing: no credentials, other ones, attributes that make no sense. */
  checksRefused: number;
  /** 487, sent or received. */
  roleConflicts: number;
  /** Answers that no check of ours asked for: late, doubled, or somebody else's. */
  answersUnexpected: number;
  /** Answers that were not sealed with the peer's password. */
  answersForged: number;
  /** Answers from another address than the one that was asked (RFC 8445 §7.2.5.2.1). */
  answersFromElsewhere: number;
  /** Answers that name no address from which we can have been seen. */
  answersMalformed: number;
  /** Of the peer: past the limit, or where no check may go. */
  candidatesIgnored: number;
}

export function createIceCounters(): IceCounters {
  return {
    checksSent: 0,
    checksResent: 0,
    checksAnswered: 0,
    checksWithheld: 0,
    checksReceived: 0,
    checksRefused: 0,
    roleConflicts: 0,
    answersUnexpected: 0,
    answersForged: 0,
    answersFromElsewhere: 0,
    answersMalformed: 0,
    candidatesIgnored: 0,
  };
}
