// Which changes of the configuration make it another one, so that an unfinished run is not resumed under it.

import { expect, it } from 'vitest';
import { configurationHash } from '../../src/session/identity.ts';
import { minimal, parse } from '../config/faults.ts';

function hashWith(text: string): string {
  return configurationHash(parse({ 'a.yaml': minimal + text }));
}

it.each([
  'pod: { image: { tag: v2 } }',
  'schedule: "@weekly"',
  'suspend: true',
  'secrets: { password: other }',
  'files: { note.txt: other }',
  'schedules: [{ operation: prune, schedule: "@daily" }]',
])('an update of the runner is no other configuration: %s', (text) => {
  expect(hashWith(text)).toBe(hashWith(''));
});

it.each(['deleteExisting: true', 'drain: { soak: 2m }', 'dataConfig: https://data.example/x'])('what a run does is: %s', (text) => {
  expect(hashWith(text)).not.toBe(hashWith(''));
});
