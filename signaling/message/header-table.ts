// The header fields of one message, in order.
import { invariant } from '../../core/index.ts';
import { splitList, TOKEN } from './grammar.ts';
import { headerId, isListHeader, knownHeaderId } from './header-name.ts';
import type { HeaderField } from './types.ts';

/** What becomes of a message's headers when another is derived from it. */
export interface HeaderChanges {
  /** Each takes the place of all fields of its name; several of one name stay in this order. */
  readonly set?: readonly HeaderField[];
  readonly remove?: readonly string[];
  /** Goes before everything else. */
  readonly prepend?: readonly HeaderField[];
  /** Goes behind everything else. */
  readonly append?: readonly HeaderField[];
}

/** Names and values side by side. Values are unfolded and trimmed; once built, a table never changes. */
export class HeaderTable {
  /** See `headerId`. */
  readonly ids: string[];
  /** As received. */
  readonly names: string[];
  readonly values: string[];
  /** Where each field starts, in characters from the start of the message; -1 where it was not received. */
  readonly offsets: number[];

  private constructor(ids: string[], names: string[], values: string[], offsets: number[]) {
    this.ids = ids;
    this.names = names;
    this.values = values;
    this.offsets = offsets;
  }

  static empty(): HeaderTable {
    return new HeaderTable([], [], [], []);
  }

  /** A table of our own making: header injection ends here. */
  static of(fields: Iterable<HeaderField>): HeaderTable {
    const table = HeaderTable.empty();
    for (const field of fields) table.addOwn(field);
    return table;
  }

  /** Adds what was received and approved. */
  add(id: string, name: string, value: string, offset: number): void {
    this.ids.push(id);
    this.names.push(name);
    this.values.push(value);
    this.offsets.push(offset);
  }

  /** Adds what we made; a line break would let whoever chose the value write headers of their own. */
  addOwn([name, value]: HeaderField): void {
    const id = knownHeaderId(name);
    invariant(id !== undefined || TOKEN.test(name), 'header names of ours are tokens');
    assertOneLine(value);
    this.add(id ?? headerId(name), name, value, -1);
  }

  has(id: string): boolean {
    return this.ids.includes(id);
  }

  first(id: string): string | undefined {
    const index = this.ids.indexOf(id);
    return index < 0 ? undefined : this.values[index];
  }

  /** All fields of the name, comma lists not split. */
  fields(id: string): string[] {
    const found: string[] = [];
    for (let index = this.ids.indexOf(id); index >= 0; index = this.ids.indexOf(id, index + 1)) {
      found.push(this.values[index] ?? '');
    }
    return found;
  }

  /** All elements of the name's comma lists, empty ones included. */
  elements(id: string): string[] {
    const fields = this.fields(id);
    if (!isListHeader(id)) return fields;
    const [only] = fields;
    return fields.length === 1 && only !== undefined ? splitList(only) : fields.flatMap(splitList);
  }

  *[Symbol.iterator](): Generator<HeaderField> {
    for (const [index, name] of this.names.entries()) yield [name, this.values[index] ?? ''];
  }

  /** A new table with the changes made. */
  derive(changes: HeaderChanges): HeaderTable {
    const { set, remove, prepend = [], append = [] } = changes;
    const kept = set || remove ? this.#replace(set ?? [], remove ?? []) : this;
    return kept.#between(HeaderTable.of(prepend), HeaderTable.of(append));
  }

  #replace(set: readonly HeaderField[], remove: readonly string[]): HeaderTable {
    const gone = new Set(remove.map(headerId));
    const replaced = groupById(set);
    const table = HeaderTable.empty();
    for (const [index, id] of this.ids.entries()) {
      const replacement = replaced.get(id);
      if (replacement) {
        for (const field of replacement.splice(0)) table.addOwn(field);
      } else if (!gone.has(id)) this.#copyTo(table, index);
    }
    for (const fields of replaced.values()) for (const field of fields) table.addOwn(field);
    return table;
  }

  #between(before: HeaderTable, behind: HeaderTable): HeaderTable {
    return new HeaderTable(
      before.ids.concat(this.ids, behind.ids),
      before.names.concat(this.names, behind.names),
      before.values.concat(this.values, behind.values),
      before.offsets.concat(this.offsets, behind.offsets),
    );
  }

  /** The same table with another first element of the name's list. It must have one. */
  withFirstElement(id: string, element: string): HeaderTable {
    assertOneLine(element);
    const index = this.ids.indexOf(id);
    const [, ...rest] = splitList(this.values[index] ?? '');
    const values = this.values.slice();
    values[index] = rest.length === 0 ? element : [element, ...rest].join(', ');
    return new HeaderTable(this.ids, this.names, values, this.offsets);
  }

  #copyTo(table: HeaderTable, index: number): void {
    const { ids, names, values, offsets } = this;
    table.add(ids[index] ?? '', names[index] ?? '', values[index] ?? '', offsets[index] ?? -1);
  }
}

function assertOneLine(value: string): void {
  invariant(!value.includes('\n') && !value.includes('\r'), 'header values of ours are one line');
}

function groupById(fields: readonly HeaderField[]): Map<string, HeaderField[]> {
  const groups = new Map<string, HeaderField[]>();
  for (const field of fields) {
    const id = headerId(field[0]);
    const group = groups.get(id);
    if (group) group.push(field);
    else groups.set(id, [field]);
  }
  return groups;
}
