// The keys that the chart of the runner reads as well: schedules, secrets, files, the pod, permissions. Each fault word for word.

import { describe, expect, it } from 'vitest';
import { faults, faultsOf, minimal, parse } from './faults.ts';

const mistakes: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'a time zone that does not exist': ['timeZone: Europe/Berln\n', '+1:11: `timeZone` is “Europe/Berln”; it must be a time zone of the IANA database such as Europe/Berlin; did you mean Europe/Berlin?'],
  'a time zone in the wrong case, which Go would not find': ['timeZone: europe/berlin\n', '+1:11: `timeZone` is “europe/berlin”; it must be a time zone of the IANA database such as Europe/Berlin; did you mean Europe/Berlin?'],
  'an offset as time zone': ['timeZone: "+01:00"\n', '+1:11: `timeZone` is “+01:00”; it must be a time zone of the IANA database such as Europe/Berlin'],
  'a time zone that each machine has its own of': ['timeZone: Local\n', '+1:11: `timeZone` is “Local”; it must be a time zone of the IANA database such as Europe/Berlin'],
  'a misspelt time zone key': ['timezone: UTC\n', '+1:1: unknown key `timezone`; did you mean `timeZone`?'],
  'an interval without unit': ['minInterval: 5\n', '+1:14: `minInterval` is the number 5; it must be a duration such as 30s, 20m, 1h30m or 2d'],
  'an operation that cannot be scheduled': ['schedules: [{ operation: rollback, schedule: "@daily" }]\n', '+1:26: `schedules[0].operation` is “rollback”; it must be one of rehearse, prune'],
  'another schedule that Kubernetes would refuse': ['schedules: [{ operation: prune, schedule: "0 0 * * 7" }]\n', '+1:43: `schedules[0].schedule` is “0 0 * * 7”; it must have 0–6 or sun–sat as its day of the week, which “7” is not'],
  'one operation scheduled twice': [
    'schedules: [{ operation: prune, schedule: "@daily" }, { operation: prune, schedule: "@hourly" }]\n',
    '+1:68: the operation prune is scheduled twice, first at prod.yaml:5:13; keep one of the two',
  ],
  'a file in two places': ['secrets: { key: x }\nfiles: { key: y }\n', '+2:10: the file key is given in `files` and in `secrets`, which are mounted into one folder; keep one of the two'],
  'a file in the place of the configuration': ['files: { environment.yaml: x }\n', '+1:10: key “environment.yaml” in `files` is not right; it must not be environment.yaml, which is the configuration itself'],
  'a file in a folder': ['files: { a/b: x }\n', '+1:10: key “a/b” in `files` is not right; it must consist of letters, digits, dashes, dots and underscores'],
  'a misspelt key of the pod': ['pod: { image: { tagg: x } }\n', '+1:17: unknown key `tagg` in `pod.image`; did you mean `tag`?'],
  'a quantity that is no text': ['pod: { resources: { requests: { cpu: 1 } } }\n', '+1:38: `pod.resources.requests.cpu` is the number 1; it must be a text; put it in quotes'],
  'events under a key that Helm reads as true': [
    'notify: { webhooks: [{ url: { file: x }, on: [failed] }] }\n',
    '+1:42: unknown key `on` in `notify.webhooks[0]`; known are url, events',
  ],
};

describe('told with place and advice:', () => {
  it.each(Object.entries(mistakes))('%s', (_, [text, ...lines]) => {
    expect(faultsOf(text)).toEqual(lines);
  });

  it.each([
    ['a wildcard resource', 'resources: ["*"]', /resources\[0\]` is “\*”; it must be a resource in the plural such as certificates$/],
    ['a wildcard group', 'apiGroups: ["*"]', /apiGroups\[0\]` is “\*”; it must be an API group such as cert-manager\.io, or "" for the core group$/],
    ['a verb that escalates', 'verbs: [escalate]', /verbs\[0\]` is “escalate”; it must be one of get, list, watch, create, update, patch, delete, deletecollection$/],
  ])('in permissions, %s', (_, wrong, line) => {
    const rule = { apiGroups: 'apiGroups: [a.example]', resources: 'resources: [things]', verbs: 'verbs: [get]' };
    const key = wrong.split(':')[0] ?? '';
    const release = `release: { permissions: { namespaced: [{ ${Object.values({ ...rule, [key]: wrong }).join(', ')} }] } }\n`;
    expect(faults({ 'a.yaml': minimal, 'b.yaml': release })).toEqual([expect.stringMatching(line)]);
  });
});

describe('a secret in the file is never repeated:', () => {
  it.each([
    ['a number', 'secrets: { password: 31337 }\n', '+1:22: `secrets.password` is no text; put it in quotes'],
    ['a list', 'secrets: { password: [31337] }\n', '+1:22: `secrets.password` is no text; put it in quotes'],
    ['the text below a wrong key', 'secrets: { pass word: "31337" }\n', '+1:12: key “pass word” in `secrets` is not right; it must consist of letters, digits, dashes, dots and underscores'],
    ['all of them', 'secrets: hunter2\n', '+1:10: `secrets` is a text; it must be a mapping'],
  ])('%s', (_, text, line) => {
    expect(faultsOf(text)).toEqual([line]);
  });
});

describe('what the runner is installed with', () => {
  it('is accepted by the command line, which needs none of it', () => {
    const { pod, files, global } = parse({ 'a.yaml': `${minimal}pod: { image: { tag: v1 }, terminationGracePeriod: 3m }\nfiles: { data.json: "{}" }\nglobal: { team: portal }\nsecrets: { tsig.key: x }\n` });
    expect([pod, files, global]).toEqual([{ image: { tag: 'v1' }, terminationGracePeriod: 180_000 }, { 'data.json': '{}' }, { team: 'portal' }]);
  });

  it('has a time zone of its own where a schedule says so', () => {
    const { timeZone, schedules } = parse({ 'a.yaml': `${minimal}timeZone: Europe/Berlin\nschedules: [{ operation: prune, schedule: "@daily", timeZone: UTC, minInterval: 1h }, { operation: rehearse, schedule: "@weekly" }]\n` });
    expect(timeZone).toBe('Europe/Berlin');
    expect(schedules).toEqual([{ operation: 'prune', schedule: '@daily', timeZone: 'UTC', minInterval: 3_600_000 }, { operation: 'rehearse', schedule: '@weekly' }]);
  });

  it.each(['Etc/UTC', 'UTC', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta', 'Etc/GMT+5'])('may live in the time zone %s', (timeZone) => {
    expect(parse({ 'a.yaml': `${minimal}timeZone: ${timeZone}\n` }).timeZone).toBe(timeZone);
  });
});
