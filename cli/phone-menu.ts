// Keys and slash commands of the interactive phone, after baresip's menu.

/** What the menu can make the phone do. */
export interface PhoneActions {
  dial(target: string): void;
  accept(): void;
  reject(): void;
  hangUp(): void;
  hold(): void;
  resume(): void;
  toggleMute(): void;
  /** @returns false where there is no call to send them to */
  sendDigits(digits: string): boolean;
  statistics(): void;
  listCalls(): void;
  registration(): void;
  ping(target: string): void;
  /** @param line - what stands behind /room; empty lists who is there */
  room(line: string): void;
  /** Says a line to the far end of a secured call. */
  chat(text: string): void;
  help(): void;
  quit(): void;
}

interface MenuCommand {
  /** Without the slash. */
  readonly name: string;
  readonly keys: readonly string[];
  readonly argument?: string;
  /** Whether the argument may be left out. */
  readonly isOptional?: boolean;
  readonly help: string;
  readonly run: (actions: PhoneActions, argument: string) => void;
}

const ENTER = '\r';
const ESCAPE = '\u001b';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';

export const MENU: readonly MenuCommand[] = [
  { name: 'dial', keys: ['d'], argument: 'TARGET', help: 'dial', run: (phone, target) => phone.dial(target) },
  { name: 'accept', keys: ['a', ENTER], help: 'accept incoming call', run: (phone) => phone.accept() },
  { name: 'reject', keys: ['R'], help: 'reject incoming call', run: (phone) => phone.reject() },
  { name: 'hangup', keys: ['b', ESCAPE], help: 'hang up', run: (phone) => phone.hangUp() },
  { name: 'hold', keys: ['x'], help: 'put the call on hold', run: (phone) => phone.hold() },
  { name: 'resume', keys: ['X'], help: 'take it off hold', run: (phone) => phone.resume() },
  { name: 'mute', keys: ['m'], help: 'mute, or unmute', run: (phone) => phone.toggleMute() },
  {
    name: 'sndcode',
    keys: [],
    argument: 'DIGITS',
    help: 'send digits',
    run: (phone, digits) => void phone.sendDigits(digits),
  },
  { name: 'callstat', keys: ['s', 'c'], help: 'call statistics', run: (phone) => phone.statistics() },
  { name: 'listcalls', keys: ['l'], help: 'list calls', run: (phone) => phone.listCalls() },
  { name: 'reginfo', keys: ['r'], help: 'registration', run: (phone) => phone.registration() },
  {
    name: 'options',
    keys: ['o'],
    argument: 'TARGET',
    help: 'ping with OPTIONS',
    run: (phone, target) => phone.ping(target),
  },
  {
    name: 'room',
    keys: [],
    argument: 'COMMAND',
    isOptional: true,
    help: 'who is in the room; /room help for more',
    run: (phone, line) => phone.room(line),
  },
  {
    name: 'chat',
    keys: ['t'],
    argument: 'TEXT',
    help: 'write to the far end of a secured call',
    run: (phone, text) => phone.chat(text),
  },
  { name: 'help', keys: ['h', '?'], help: 'this list', run: (phone) => phone.help() },
  { name: 'quit', keys: ['q', CTRL_C, CTRL_D], help: 'quit', run: (phone) => phone.quit() },
];

const KEY_NAMES: ReadonlyMap<string, string> = new Map([
  [ENTER, 'Enter'],
  [ESCAPE, 'Esc'],
  [CTRL_C, 'Ctrl-C'],
  [CTRL_D, 'Ctrl-D'],
]);

/** The help screen. */
export function menuHelp(): string {
  const rows = MENU.map(({ name, keys, argument, help }) => {
    const command = `/${name}${argument ? ` ${argument}` : ''}`;
    return `  ${command.padEnd(18)}${keys
      .map((key) => KEY_NAMES.get(key) ?? key)
      .join(' ')
      .padEnd(16)}${help}`;
  });
  return [
    ...rows,
    `  ${''.padEnd(18)}${'0-9 * #'.padEnd(16)}digits in a call, else the start of a number to dial`,
  ].join('\n');
}

/** Runs one line: `/dial bob`, or the same without its slash. @returns what is wrong with it */
export function runLine(line: string, actions: PhoneActions): string | undefined {
  const [word = '', ...rest] = line.trim().replace(/^\//, '').split(/\s+/);
  const argument = rest.join(' ');
  if (word === '') return undefined;
  const command = MENU.find(({ name, keys }) => name === word || keys.includes(word));
  if (!command) return `there is no command "/${word}"; type h for help`;
  if (command.argument && !command.isOptional && argument === '')
    return `/${command.name} needs ${command.argument}`;
  command.run(actions, argument);
  return undefined;
}

/** The line that is being typed, fed by keys. */
export class PhoneMenu {
  readonly #actions: PhoneActions;
  readonly #show: (typed: string) => void;
  readonly #complain: (text: string) => void;
  #typed: string | undefined;

  /**
   * @param show - shows the line that is being typed; empty when there is none
   * @param complain - shows what is wrong with a line
   */
  constructor(actions: PhoneActions, show: (typed: string) => void, complain: (text: string) => void) {
    this.#actions = actions;
    this.#show = show;
    this.#complain = complain;
  }

  /** What a terminal in raw mode sent; arrow keys and the like are ignored. */
  handleInput(text: string): void {
    if (text.length > 1 && text.startsWith(ESCAPE)) return;
    for (const key of text) this.#handleKey(key === '\n' ? ENTER : key);
  }

  #handleKey(key: string): void {
    if (key === CTRL_C) return this.#actions.quit();
    if (this.#typed !== undefined) return this.#type(this.#typed, key);
    if (key === '/') return this.#edit('/');
    if (/[0-9*#+]/.test(key)) {
      if (key === '+' || !this.#actions.sendDigits(key)) this.#edit(`/dial ${key}`);
      return;
    }
    const command = MENU.find(({ keys }) => keys.includes(key));
    if (command?.argument) this.#edit(`/${command.name} `);
    else command?.run(this.#actions, '');
  }

  #type(typed: string, key: string): void {
    if (key === ESCAPE || key === CTRL_U) return this.#edit(undefined);
    if (key === '\u007f' || key === '\b')
      return this.#edit(typed.length > 1 ? typed.slice(0, -1) : undefined);
    if (key !== ENTER) return key >= ' ' ? this.#edit(typed + key) : undefined;
    this.#edit(undefined);
    const complaint = runLine(typed, this.#actions);
    if (complaint !== undefined) this.#complain(complaint);
  }

  #edit(typed: string | undefined): void {
    this.#typed = typed;
    this.#show(typed ?? '');
  }
}
