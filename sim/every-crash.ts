// Every single death of every operation, one after another. The tests die once for all deaths that leave the very same world behind;
// this looks at each of them, and takes its time.

import { boundariesOf, crashed, helmBoundariesOf, undisturbed, type Undisturbed } from './boundaries.ts';
import type { Dying } from './boundaries/commands.ts';
import { replayOf } from './boundaries/notation.ts';
import { subjects } from './boundaries/subjects.ts';
import type { Crashed, CrashesOptions } from './double-crashes.ts';

interface Place {
  readonly usual: Undisturbed;
  readonly dying: Dying;
}

/** Within Helm, too. */
export async function everyPlace(): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const subject of subjects) {
    const usual = await undisturbed(subject);
    places.push(...[...boundariesOf(usual), ...helmBoundariesOf(usual)].map((dying) => ({ usual, dying })));
  }
  return places;
}

/** `from`: how many of them are left out. */
export async function everyCrash({ from = 0, count, progress }: CrashesOptions): Promise<readonly Crashed[]> {
  const places = (await everyPlace()).slice(from, from + count);
  const failed: Crashed[] = [];
  for (const [offset, { usual, dying }] of places.entries()) {
    const done = { seed: from + offset, ...(await crashed(usual, { deaths: [dying] })), replay: replayOf({ subject: usual.subject.name, deaths: [dying] }) };
    if (done.findings.length > 0) failed.push(done);
    await progress?.(done);
  }
  return failed;
}
