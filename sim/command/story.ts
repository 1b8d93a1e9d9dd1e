// What was found, told so that somebody can begin to look for the reason at once. Pure.

import type { Found } from './done.ts';

export function describeFound({ title, violations, world, replay, transcriptPath }: Found): string {
  const lines = [
    '',
    `VIOLATION in ${title}`,
    ...violations.flatMap(({ invariant, problem, story }) => [`  ${invariant}  ${problem}`, ...story.slice(-lastRequests).map((line) => `        ${line}`)]),
    ...(world.length === 0 ? [] : ['  In the end:', ...world.map((line) => `        ${line}`)]),
    ...(transcriptPath === undefined ? [] : [`  Transcript: ${transcriptPath}`]),
    `  Again:      ${replay}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

const lastRequests = 6;
