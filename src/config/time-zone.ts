// Time zones by their IANA names: what a clock on the wall shows at an instant, and the way back. Knows no present time.

import { nearest } from './nearest.ts';
import { timeZones } from './time-zones.ts';

/** What Kubernetes would not accept about the name, as a sentence that begins with `must`; undefined when it is fine. */
export function timeZoneProblem(name: string): string | undefined {
  if (timeZones.has(name)) return undefined;
  const guess = nearestZone(name);
  return `must be a time zone of the IANA database such as Europe/Berlin${guess === undefined ? '' : `; did you mean ${guess}?`}`;
}

/** Seconds that clocks in the zone are ahead of UTC at `at`, in seconds since 1970. Throws RangeError for an unknown zone. */
export function offsetSeconds(timeZone: string, at: number): number {
  // Intl loads its data for the first zone that it is asked for: 10 ms of every start, since every schedule is checked in UTC.
  if (timeZone === 'Etc/UTC') return 0;
  const zone = zoneNamed(timeZone);
  const day = Math.floor(at / 86_400);
  // No zone changes its clocks twice within a day: equal at both ends means equal in between.
  const start = offsetAt(zone, day * 86_400);
  if (start === offsetAt(zone, (day + 1) * 86_400)) return start;
  // No zone has changed them within a quarter of an hour since 1972.
  return offsetAt(zone, at - (at % 900));
}

/**
 * The instant at which clocks in the zone show `local` (seconds, as if it were UTC). Of a time that comes twice or not at all,
 * the one that Go's time.Date gives, since the CronJob controller is written in Go.
 */
export function fromLocal(timeZone: string, local: number): number {
  const guess = local - offsetSeconds(timeZone, local);
  return local - offsetSeconds(timeZone, guess);
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone>();

/** Kept, because Intl takes a while to find a zone. */
function zoneNamed(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zone = { format, offsets: new Map<number, number>() };
  zones.set(timeZone, zone);
  return zone;
}

function offsetAt({ format, offsets }: Zone, at: number): number {
  const known = offsets.get(at);
  if (known !== undefined) return known;
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = (format.format(at * 1_000).match(/\d+/g) ?? []).map(Number);
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) / 1_000 - at;
  offsets.set(at, offset);
  return offset;
}

/** `europe/berlin` and `Europe/Berln`, and a city alone. */
function nearestZone(name: string): string | undefined {
  const plain = name.trim().replaceAll(' ', '_');
  const cities = [...timeZones].filter((zone) => zone.toLowerCase().endsWith(`/${plain.toLowerCase()}`));
  return cities[0] ?? nearest(plain, [...timeZones]);
}
