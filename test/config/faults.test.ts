// Every kind of mistake in an environment file, and the line an operator sees for it.

import { expect, it, describe } from 'vitest';
import { faults, faultsOf, minimal } from './faults.ts';

/** [what is written below the minimal file, the lines shown] */
const mistakes: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'a misspelt key at top level': ['scedule: "@daily"\n', '+1:1: unknown key `scedule`; did you mean `schedule`?'],
  'a key in another case or style': ['delete_existing: true\n', '+1:1: unknown key `delete_existing`; did you mean `deleteExisting`?'],
  'a key that belongs into a section': ['replaceForeign: true\n', '+1:1: unknown key `replaceForeign`; did you mean `swap.replaceForeign`?'],
  'a misspelt key in a section': ['drain: { soack: 1m }\n', '+1:10: unknown key `soack` in `drain`; did you mean `soak`?'],
  'a key that is near nothing': ['drain: { colour: red }\n', '+1:10: unknown key `colour` in `drain`; known are soak, every'],
  'a misspelt key three levels down': [
    'load: [{ name: a, jobList: { dataConfig: x, credentials: { usrname: u, password: { file: p } } } }]\n',
    '+1:60: unknown key `usrname` in `load[0].jobList.credentials`; did you mean `username`?',
  ],
  'a misspelt key that decides between alternatives': [
    'load: [{ name: a, job: { fromJbo: x } }]\n',
    '+1:26: unknown key `fromJbo` in `load[0].job`; did you mean `fromJob`?',
  ],
  'a misspelt key beside the one that decides': [
    'load: [{ name: a, job: { fromJob: x }, timeuot: 1m }]\n',
    '+1:40: unknown key `timeuot` in `load[0]`; did you mean `timeout`?',
  ],
  'no alternative': ['load: [{ name: a }]\n', '+1:8: `load[0]` has none of `job` and `jobList`; it must be a mapping with either `job` or `jobList`'],
  'a misspelt key of the right alternative, beside keys that point to it': [
    'release: { chart: { path: null, gitt: x, ref: v1 } }\n',
    '+1:19: `release.chart.path` is missing; add `path:` (folder of the chart in the repository)',
    '+1:33: unknown key `gitt` in `release.chart`; did you mean `git`?',
  ],
  'a wrong value of an alternative whose other keys belong to several': [
    'release: { chart: { path: chart, git: [x], ref: v1 } }\n',
    '+1:39: `release.chart.git` is a list; it must be a text',
  ],
  'two alternatives': [
    'load: [{ name: a, job: { fromJob: x, fromCronJob: y } }]\n',
    '+1:38: `load[0].job.fromCronJob` cannot be given together with `fromJob` (prod.yaml:5:26); remove one of the two (null removes a key of a lower layer)',
  ],
  'a text where alternatives are expected': ['notify: { webhooks: [{ url: hooks }] }\n', '+1:29: `notify.webhooks[0].url` is a text; it must be a mapping with either `secret` or `file`'],
  'a part that is missing inside an alternative': [
    'notify: { webhooks: [{ url: { secret: { name: slack } } }] }\n',
    '+1:39: `notify.webhooks[0].url.secret.key` is missing; add `key:` (key in its data)',
  ],
  'a boolean in quotes': ['deleteExisting: "false"\n', '+1:17: `deleteExisting` is the text “false”; it must be true or false, without quotes'],
  'a boolean of YAML 1.1': ['deleteExisting: yes\n', '+1:17: `deleteExisting` is the text “yes”; it must be true or false, without quotes'],
  'a number where a text is expected': ['schedule: 5\n', '+1:11: `schedule` is the number 5; it must be a text; put it in quotes'],
  'a duration without a unit': ['drain: { soak: 60 }\n', '+1:16: `drain.soak` is the number 60; it must be a duration such as 30s, 20m, 1h30m or 2d'],
  'checks without a pause between them': ['drain: { every: 0s }\n', '+1:17: `drain.every` is “0s”; it must be at least 100ms'],
  'a lock that nobody could hold': ['runner: { leaseDuration: 1ms }\n', '+1:26: `runner.leaseDuration` is “1ms”; it must be at least 3s'],
  'a duration that no timer can wait for': ['drain: { soak: 60d }\n', '+1:16: `drain.soak` is “60d”; it must be at most 24d'],
  'a list where a mapping is expected': ['swap: [1m]\n', '+1:7: `swap` is a list; it must be a mapping'],
  'a mapping where a list is expected': ['load: { name: a }\n', '+1:7: `load` is a mapping; it must be a list'],
  'an empty value in a list': [
    'verify: { http: [{ url: "http://www.example.org/", status: }] }\n',
    '+1:52: `verify.http[0].status` is empty; it must be a number, or leave the key out',
  ],
  'a number out of range': ['runner: { keepRecords: 0 }\n', '+1:24: `runner.keepRecords` is the number 0; it must be at least 1'],
  'a word that is none of the choices': ['release: { onFailure: retry }\n', '+1:23: `release.onFailure` is “retry”; it must be one of keep, delete'],
  'a name that Kubernetes would refuse': [
    'runner: { namespace: My_Place }\n',
    '+1:22: `runner.namespace` is “My_Place”; it must consist of lower-case letters, digits and dashes, and begin and end with a letter or digit',
  ],
  'a regular expression that is none': ['verify: { http: [{ url: "http://www.example.org/", bodyMatches: "(" }] }\n', '+1:65: `verify.http[0].bodyMatches` is “(”; it must be a regular expression of JavaScript'],
  'a check of a host that is none of the names': [
    'verify:\n  http:\n    - url: https://www.example.org/\n    - url: https://wwww.example.org/\n',
    '+4:12: wwww.example.org is not among the names under `dns`: www.example.org',
  ],
  'nothing, when a check spells its host otherwise, or with a port': ['verify: { http: [{ url: "http://WWW.Example.org:8080/" }] }\n', 'fine'],
  'a URL that is none': ['verify: { http: [{ url: a.example }] }\n', '+1:25: `verify.http[0].url` is not right; it must be a URL that begins with http:// or https://'],
  'a schedule of another dialect': ['schedule: "0 0 3 * * 6"\n', '+1:11: `schedule` is “0 0 3 * * 6”; it must have five fields (minute, hour, day, month, weekday) such as 0 3 * * 6, not 6'],
  'servers of a zone in another spelling': ['dnsServers: { z.: [192.0.2.1] }\n', '+1:15: `dnsServers` names the zone z., which no entry of `dns` uses; did you mean z?'],
  'nothing, when a layer knows more zones than are used': ['dnsServers: { z: [192.0.2.1], other: [192.0.2.1] }\n', 'fine'],
  'two load jobs of one name': [
    'load: [{ name: a, job: { fromJob: x } }, { name: a, job: { fromJob: y } }]\n',
    '+1:50: the load job a is given twice, first at prod.yaml:5:16; give one of them another name',
  ],
  'two check jobs of one name': [
    'verify: { jobs: [{ name: a, job: { fromJob: x } }, { name: a, job: { fromJob: y } }] }\n',
    '+1:60: the check job a is given twice, first at prod.yaml:5:26; give one of them another name',
  ],
  'a load job that waits for one that is not there': [
    'load:\n  - { name: schema, job: { fromJob: x } }\n  - { name: rows, after: [shcema], job: { fromJob: y } }\n',
    '+3:27: the load job rows waits for shcema, which does not exist; did you mean schema?',
  ],
  'load jobs that wait for each other': [
    'load:\n  - { name: a, after: [c], job: { fromJob: x } }\n  - { name: b, after: [a], job: { fromJob: x } }\n  - { name: c, after: [b], job: { fromJob: x } }\n',
    '+2:13: load jobs wait for each other: a → c → b → a; remove one `after`',
  ],
  'a load job that waits for itself': ['load: [{ name: a, after: [a], job: { fromJob: x } }]\n', '+1:16: load jobs wait for each other: a → a; remove one `after`'],
};

describe('a mistake is told with its place and what would be right:', () => {
  it.each(Object.entries(mistakes))('%s', (_, [text, ...lines]) => {
    // The section of the minimal file is given again in some cases: that is a layer of its own.
    const section = /^(\w+):/.exec(text)?.[1] ?? '';
    const given = minimal.includes(`${section}:`)
      ? faults({ 'base.yaml': minimal, 'prod.yaml': text }).map((line) => line.replace('prod.yaml:', '+'))
      : faultsOf(text);
    expect(given).toEqual(lines);
  });
});

it('all mistakes are told at once, in the order of the file', () => {
  const text = 'cluster: 1\nenvironment: prod\ndns:\n  - { zone: z, name: not a name, servise: x }\nrelease: { chart: { giit: x } }\nload: nothing\n';
  expect(faults({ 'prod.yaml': text })).toEqual([
    'prod.yaml:1:10: `cluster` is the number 1; it must be a text; put it in quotes',
    'prod.yaml:4:22: `dns[0].name` is “not a name”; it must be a DNS name such as www.example.org',
    'prod.yaml:4:34: unknown key `servise` in `dns[0]`; did you mean `service`?',
    'prod.yaml:5:21: unknown key `giit` in `release.chart`; did you mean `git`?',
    'prod.yaml:6:7: `load` is a text; it must be a list',
  ]);
});

it('a file with nothing in it is told everything that must be there', () => {
  expect(faults({ 'prod.yaml': '# nothing yet\n' })).toEqual([
    'prod.yaml:1:1: `cluster` is missing; add `cluster:` (the cluster to deploy on: context or cluster name; any other is refused)',
    'prod.yaml:1:1: `environment` is missing; add `environment:` (prefix of all releases of this environment)',
    'prod.yaml:1:1: `dns` is missing; add `dns:` (the public names, all moved at once)',
    'prod.yaml:1:1: `release` is missing; add `release:` (what is installed)',
  ]);
});

it('a key that is missing is looked for where its mapping begins', () => {
  expect(faults({ 'prod.yaml': minimal.replace('zone: z, ', '') })).toEqual([
    'prod.yaml:3:7: `dns[0].zone` is missing; add `zone:` (managed zone (Google Cloud) or zone name (RFC 2136))',
  ]);
});

it.each(['prod-release', 'prod-installer', 'prod-installer-cluster'])('an environment that is called like a role of another one is refused: %s', (name) => {
  const wrong = { 'prod.yaml': minimal.replace('environment: prod', `environment: ${name}`) };
  expect(faults(wrong)).toEqual([`prod.yaml:2:14: \`environment\` is “${name}”; it must not end with -release, -installer or -installer-cluster, as roles of another environment do`]);
});

it('a DNS name given twice is found in any spelling, and both places are named', () => {
  const text = minimal.replace(/dns:.*\n/, 'dns:\n  - { zone: z, name: www.example.org, service: a }\n  - { zone: z, name: WWW.example.org., service: b }\n');
  expect(faults({ 'prod.yaml': text })).toEqual(['prod.yaml:5:22: the DNS name www.example.org. is given twice, first at prod.yaml:4:22; keep one of the two']);
});

it('a name outside of its zone is a slip where zones are called by their names', () => {
  const text = minimal.replace('zone: z', 'zone: example.com') + 'dnsProvider: { rfc2136: { server: 192.0.2.1 } }\n';
  expect(faults({ 'prod.yaml': text })).toEqual([
    'prod.yaml:3:34: the name www.example.org. does not lie in its zone example.com; it must end with .example.com.',
  ]);
  expect(faults({ 'prod.yaml': text.replace('example.com', 'Example.ORG.') })).toEqual(['fine']);
});

it('a password written where only its source may stand is never repeated', () => {
  const planted = 'tr0ub4dor&3';
  const texts = [
    `load: [{ name: a, jobList: { dataConfig: x, credentials: { username: u, password: "${planted}" } } }]\n`,
    `notify: { webhooks: [{ url: "${planted}" }] }\n`,
    `dnsProvider: { rfc2136: { server: 192.0.2.1, key: { secret: "${planted}" } } }\n`,
    `dnsProvider: { googleCloud: { credentials: "${planted}" } }\n`,
    `verify: { http: [{ url: "http://a.example/", headers: { authorization: [ "${planted}" ] } }] }\n`,
    `release: { values: [{ inline: "${planted}" }] }\n`,
    `notify: { webhooks: [{ url: { file: "${planted} }] }\n`,
  ];
  for (const text of texts) {
    const lines = faults({ 'base.yaml': minimal, 'prod.yaml': text });
    expect(lines).not.toEqual(['fine']);
    expect(lines.join('\n')).not.toContain(planted);
  }
});
