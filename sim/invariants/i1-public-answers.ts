// I1, the public always has an answer: every name, on every server, leads to one release that answers, loaded and verified.

import { planOf, type Invariant, type Scene } from './scene.ts';

export const publicAnswers: Invariant = (scene) => {
  const { production: { observer }, violate } = scene;
  const tell = ({ name, server, problem }: (typeof observer.violations)[number]): void => {
    if (problem !== 'there is no such name' || !isTakenBack(name, scene)) violate(`${name} at ${server}: ${problem}`);
  };
  observer.violations.forEach(tell);
  observer.onViolation(tell);
  return () => observer.look();
};

/** A first rebuild that fails after its swap leaves the names as it found them: there were none. */
function isTakenBack(name: string, { records }: Scene): boolean {
  return records.all().some((record) => record.failure !== undefined && planOf(record)?.names.some((planned) => planned.name === name && planned.before.length === 0) === true);
}
