// What one key cannot know of another: names given twice, jobs that wait for each other. Works on unchecked values.

import { checkHostProblems } from '../plan/check-hosts.ts';
import { nearest } from './nearest.ts';
import { isMapping } from './schema.ts';
import { qualified } from './sections/dns.ts';
import { positionOf, toValue, type Node, type Path, type Position, type Problem } from './tree.ts';

/** Every contradiction between parts that are well-formed by themselves; malformed parts are passed over. */
export function crossCheck(root: Node): readonly Problem[] {
  const value = toValue(root);
  const top = isMapping(value) ? value : {};
  return [...duplicateNames(root, top), ...foreignNames(root, top), ...strayServers(root, top), ...loadProblems(root, top), ...dataConfigProblems(root, top), ...strangeHosts(root, top), ...scheduleProblems(root, top), ...fileProblems(root, top)];
}

type Top = Readonly<Record<string, unknown>>;

interface Named {
  readonly name: string;
  readonly at: Position;
  readonly index: number;
}

function duplicateNames(root: Node, top: Top): readonly Problem[] {
  return repeated(namesIn('dns', root, top), qualified).map(([again, first]) => ({
    at: again.at,
    message: `the DNS name ${qualified(again.name)} is given twice, first at ${spot(first.at)}; keep one of the two`,
  }));
}

/** With RFC 2136 the zone is a name itself, so a name outside of it is a slip. */
function foreignNames(root: Node, top: Top): readonly Problem[] {
  if (!isMapping(top['dnsProvider']) || !Object.hasOwn(top['dnsProvider'], 'rfc2136')) return [];
  return namesIn('dns', root, top).flatMap(({ name, at, index }) => {
    const zone = field(entries('dns', top)[index], 'zone');
    if (zone === undefined || `.${qualified(name)}`.endsWith(`.${qualified(zone)}`)) return [];
    return [{ at, message: `the name ${qualified(name)} does not lie in its zone ${zone}; it must end with .${qualified(zone)}` }];
  });
}

/** An HTTP check goes to the candidate's address of a public name: any other host has none. */
function strangeHosts(root: Node, top: Top): readonly Problem[] {
  const names = namesIn('dns', root, top).map(({ name }) => ({ name }));
  if (names.length === 0 || names.length < entries('dns', top).length) return [];
  return entries(['verify', 'http'], top).flatMap((check, index) => {
    const url = field(check, 'url');
    if (url === undefined || !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return [];
    return checkHostProblems([{ url }], names).map((message) => ({ at: positionOf(root, ['verify', 'http', index, 'url']), message }));
  });
}

/** A shared layer may know the servers of more zones than one environment uses; a zone that is nearly one of them is a slip. */
function strayServers(root: Node, top: Top): readonly Problem[] {
  const zones = [...new Set(entries('dns', top).flatMap((entry) => field(entry, 'zone') ?? []))];
  const served = isMapping(top['dnsServers']) ? Object.keys(top['dnsServers']) : [];
  const unserved = zones.filter((zone) => !served.includes(zone));
  return served.filter((zone) => !zones.includes(zone)).flatMap((zone) => {
    const meant = unserved.find((other) => qualified(other) === qualified(zone)) ?? nearest(zone, unserved);
    if (meant === undefined) return [];
    return [{ at: keyAt(root, ['dnsServers'], zone), message: `\`dnsServers\` names the zone ${zone}, which no entry of \`dns\` uses; did you mean ${meant}?` }];
  });
}

function loadProblems(root: Node, top: Top): readonly Problem[] {
  const jobs = namesIn('load', root, top);
  const twice = repeated(jobs, (name) => name).map(([again, first]) => ({
    at: again.at,
    message: `the load job ${again.name} is given twice, first at ${spot(first.at)}; give one of them another name`,
  }));
  const checks = repeated(namesIn(['verify', 'jobs'], root, top), (name) => name).map(([again, first]) => ({
    at: again.at,
    message: `the check job ${again.name} is given twice, first at ${spot(first.at)}; give one of them another name`,
  }));
  const strangers = strangersIn(jobs, root, top);
  return [...twice, ...checks, ...strangers, ...(strangers.length === 0 ? cycles(jobs, top) : [])];
}

function strangersIn(jobs: readonly Named[], root: Node, top: Top): readonly Problem[] {
  const names = jobs.map(({ name }) => name);
  return jobs.flatMap(({ name, index }) =>
    after(top, index).flatMap((before, position) => {
      if (names.includes(before)) return [];
      const others = names.filter((other) => other !== name);
      const guess = nearest(before, others);
      const advice = guess !== undefined ? `did you mean ${guess}?` : others.length > 0 ? `there are ${others.join(', ')}` : 'leave it out';
      return [{ at: positionOf(root, ['load', index, 'after', position]), message: `the load job ${name} waits for ${before}, which does not exist; ${advice}` }];
    }),
  );
}

/** One problem per circle of jobs, at the job of the circle that is written first. */
function cycles(jobs: readonly Named[], top: Top): readonly Problem[] {
  const waitsFor = new Map(jobs.map(({ name, index }) => [name, after(top, index)]));
  const told = new Set<string>();
  return jobs.flatMap(({ name, at }) => {
    const circle = told.has(name) ? undefined : circleFrom(name, waitsFor);
    if (circle === undefined) return [];
    for (const member of circle) told.add(member);
    return [{ at, message: `load jobs wait for each other: ${[...circle, name].join(' → ')}; remove one \`after\`` }];
  });
}

/** The shortest way from `start` back to itself. */
function circleFrom(start: string, waitsFor: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const way of ways) {
      for (const next of waitsFor.get(way.at(-1) ?? '') ?? []) {
        if (next === start) return way;
        if (!seen.has(next)) longer.push([...way, next]);
        seen.add(next);
      }
    }
    ways = longer;
  }
  return undefined;
}

function dataConfigProblems(root: Node, top: Top): readonly Problem[] {
  const jobs = entries('load', top);
  const lists = jobs.flatMap((job, index) => (isMapping(job) && isMapping(job['jobList']) ? [{ index, list: job['jobList'] }] : []));
  if (top['dataConfig'] !== undefined) {
    if (jobs.length === 0 || lists.length > 0) return [];
    return [{ at: keyAt(root, [], 'dataConfig'), message: '`dataConfig` is not used: no entry of `load` has a `jobList`; remove it, or add such an entry' }];
  }
  return lists.filter(({ list }) => list['dataConfig'] === undefined).map(({ index }) => ({
    at: positionOf(root, ['load', index, 'jobList']),
    message: `\`load[${index}].jobList\` has no data to send; add dataConfig here or at top level`,
  }));
}

/** Each operation has one CronJob, named after it. */
function scheduleProblems(root: Node, top: Top): readonly Problem[] {
  const operations = entries('schedules', top).map((entry) => field(entry, 'operation'));
  return operations.flatMap((operation, index) => {
    if (operation === undefined || operations.indexOf(operation) === index) return [];
    const first = positionOf(root, ['schedules', operations.indexOf(operation)]);
    return [{ at: positionOf(root, ['schedules', index, 'operation']), message: `the operation ${operation} is scheduled twice, first at ${spot(first)}; keep one of the two` }];
  });
}

/** Both are mounted into one folder. */
function fileProblems(root: Node, top: Top): readonly Problem[] {
  const [files, secrets] = [top['files'], top['secrets']];
  if (!isMapping(files) || !isMapping(secrets)) return [];
  return Object.keys(files).filter((name) => Object.hasOwn(secrets, name)).map((name) => ({
    at: keyAt(root, ['files'], name),
    message: `the file ${name} is given in \`files\` and in \`secrets\`, which are mounted into one folder; keep one of the two`,
  }));
}

function entries(path: string | Path, top: Top): readonly unknown[] {
  const keys = typeof path === 'string' ? [path] : path;
  const found = keys.reduce<unknown>((value, key) => (isMapping(value) ? value[String(key)] : undefined), top);
  return Array.isArray(found) ? found : [];
}

function namesIn(path: string | Path, root: Node, top: Top): readonly Named[] {
  const keys = typeof path === 'string' ? [path] : path;
  return entries(path, top).flatMap((entry, index) => {
    const name = field(entry, 'name');
    return name === undefined ? [] : [{ name, index, at: positionOf(root, [...keys, index, 'name']) }];
  });
}

function repeated(named: readonly Named[], same: (name: string) => string): readonly (readonly [Named, Named])[] {
  const firsts = new Map<string, Named>();
  return named.flatMap((entry) => {
    const key = same(entry.name);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, entry);
    return first === undefined ? [] : [[entry, first] as const];
  });
}

function after(top: Top, index: number): readonly string[] {
  const job = entries('load', top)[index];
  const names = isMapping(job) ? job['after'] : undefined;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

function field(entry: unknown, key: string): string | undefined {
  const value = isMapping(entry) && Object.hasOwn(entry, key) ? entry[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function keyAt(root: Node, path: Path, key: string): Position {
  const parent = path.reduce<Node | undefined>((node, part) => (node?.kind === 'map' ? node.entries.get(String(part))?.value : undefined), root);
  return (parent?.kind === 'map' ? parent.entries.get(key)?.at : undefined) ?? root.at;
}

function spot({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}
