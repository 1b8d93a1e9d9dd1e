// When each name began to answer with something else: from BIND's update log, and from answers that were polled. Pure.

export interface Update {
  /** Address and port of the client: one per UPDATE message. */
  readonly client: string;
  readonly zone: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const line = /^(\S+) update: client @\S+ (\S+)\/key \S+: updating zone '([^']+)\/IN': adding an RR at '([^']+)' A /;

/** Address records that were added. BIND logs local time, in milliseconds. */
export function parseUpdates(log: string): readonly Update[] {
  return log.split('\n').flatMap((text) => {
    const [, time = '', client = '', zone = '', name = ''] = line.exec(text) ?? [];
    return client === '' ? [] : [{ client, zone, name: `${name}.`, at: Date.parse(time) }];
  });
}

export interface ZoneChanges {
  readonly zone: string;
  readonly names: number;
  /** UPDATE messages, each of which is atomic. */
  readonly changes: number;
  readonly spreadMs: number;
}

export function zoneChanges(updates: readonly Update[]): readonly ZoneChanges[] {
  return [...Map.groupBy(updates, ({ zone }) => zone)].map(([zone, members]) => ({
    zone,
    names: new Set(members.map(({ name }) => name)).size,
    changes: new Set(members.map(({ client }) => client)).size,
    spreadMs: spread(members.map(({ at }) => at)),
  }));
}

export interface Polled {
  readonly server: string;
  readonly name: string;
  /** Milliseconds since 1970, when the answer had come. */
  readonly at: number;
  /** The addresses, as one text. */
  readonly answer: string;
}

/** From the first new answer of any name on any server to that of the last one; undefined when some name never changed. */
export function polledSpread(polls: readonly Polled[]): number | undefined {
  const series = [...Map.groupBy(polls, ({ server, name }) => `${server} ${name}`).values()];
  const switched = series.map((answers) => answers.find(({ answer }) => answer !== answers[0]?.answer)?.at);
  const times = switched.filter((at) => at !== undefined);
  return times.length === series.length && times.length > 0 ? spread(times) : undefined;
}

function spread(times: readonly number[]): number {
  return Math.max(...times) - Math.min(...times);
}
