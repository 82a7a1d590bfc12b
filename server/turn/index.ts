// STUN and TURN beside SIP: the server, and what phones are given so that they can use it.
export { openTurn, type TurnDesk } from './turn-desk.ts';
