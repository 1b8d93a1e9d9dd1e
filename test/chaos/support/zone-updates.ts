// BIND's log of updates as data: which address was given to which name, what its owner record was made to say, and when. Pure.

export interface ZoneUpdate {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** With the trailing dot. */
  readonly name: string;
  /** What was added: `100.65.128.7`. */
  readonly address: string;
}

/** `2026-11-21T17:13:27.590 update: client @0x… 100.65.0.1#1234/key changeover: updating zone 'example.test/IN': adding an RR at 'www.example.test' A 100.65.128.7` */
const adding = /^(\S+) .*adding an RR at '([^']+)' A (\S+)$/;

export function parseUpdates(lines: readonly string[]): readonly ZoneUpdate[] {
  return lines.flatMap((line) => {
    const [, time, name, address] = adding.exec(line.trimEnd()) ?? [];
    return time === undefined || name === undefined || address === undefined ? [] : [{ at: Date.parse(`${time}Z`), name: `${name}.`, address }];
  });
}

export interface OwnerUpdate {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The managed name, with the trailing dot. */
  readonly name: string;
  /** To which the name leads, as it says. */
  readonly release: string;
  /** `changeover environment=prod release=prod-2hpwr epoch=3 change=2` */
  readonly text: string;
}

/** `… adding an RR at '_changeover.www.example.test' TXT "changeover environment=prod release=prod-2hpwr epoch=3 change=2"` */
const owning = /^(\S+) .*adding an RR at '_changeover\.([^']+)' TXT "(changeover .*)"$/;

export function parseOwners(lines: readonly string[]): readonly OwnerUpdate[] {
  return lines.flatMap((line) => {
    const [, time, name, text] = owning.exec(line.trimEnd()) ?? [];
    if (time === undefined || name === undefined || text === undefined) return [];
    return [{ at: Date.parse(`${time}Z`), name: `${name}.`, release: / release=(\S+)/.exec(text)?.[1] ?? 'none', text }];
  });
}

/** Changes that gave a name what it had already: somebody did again what was done. */
export function repeatedUpdates(updates: readonly ZoneUpdate[]): readonly string[] {
  const groups = [...Map.groupBy(updates, ({ name }) => name).values()];
  const repeats = groups.flatMap((group) => group.filter(({ address }, index) => group[index - 1]?.address === address));
  return repeats.map(({ name, address }) => `${name} was given ${address} twice in a row`);
}
