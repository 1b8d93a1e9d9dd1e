// I1, the public always has an answer: every name, on every server, leads to one release that answers, loaded and verified.

import type { Invariant } from './scene.ts';

export const publicAnswers: Invariant = ({ production: { observer }, violate }) => {
  const tell = ({ name, server, problem }: (typeof observer.violations)[number]): void => violate(`${name} at ${server}: ${problem}`);
  observer.violations.forEach(tell);
  observer.onViolation(tell);
  return () => observer.look();
};
