// Single judgements of the doctor: what the names point to, which secrets are looked for, and what ends with which exit code.

import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../src/doctor/examine.ts';
import { ok, trouble } from '../../src/doctor/finding.ts';
import { judgeNamespace } from '../../src/doctor/cluster-checks.ts';
import { judgeLive } from '../../src/doctor/name-checks.ts';
import { examinationText } from '../../src/doctor/print.ts';
import { secretsOf } from '../../src/doctor/release-checks.ts';
import { findLive } from '../../src/plan/live.ts';
import { styleFor } from '../../src/report/style.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
import { addressSet, observedName, release, service } from '../plan/observed-world.ts';

const one = release('prod-aaaaa', { services: [service('ingress', '192.0.2.1')] });
const two = release('prod-bbbbb', { services: [service('ingress', '192.0.2.2')] });
const name = (host: string, value: string | undefined) => observedName(host, value === undefined ? undefined : [addressSet(host, value)]);
const judge = (values: readonly (string | undefined)[], replaceForeign = false) => judgeLive(findLive(values.map((value, index) => name(`n${index}.example.org.`, value)), [one, two]), { replaceForeign });

describe('what is live', () => {
  test.each([
    ['one release', ['192.0.2.1', '192.0.2.1'], 'ok'],
    ['two releases: a move that stopped half-way', ['192.0.2.1', '192.0.2.2'], 'failed'],
    ['a release of nobody', ['203.0.113.1', '203.0.113.1'], 'failed'],
    ['a name that could not be read', ['192.0.2.1', undefined], 'unknown'],
  ] as const)('is %s', (_, values, verdict) => {
    expect(judge(values).verdict).toBe(verdict);
  });

  test('may be of nobody where the configuration takes it over', () => {
    expect(judge(['203.0.113.1'], true).verdict).toBe('ok');
  });
});

describe('the runner’s namespace', () => {
  test('is well where Pod Security `restricted` is enforced', () => {
    expect(judgeNamespace('changeover', { 'pod-security.kubernetes.io/enforce': 'restricted' }).verdict).toBe('ok');
  });

  test.each([
    ['nothing', undefined, 'enforces no Pod Security of its own'],
    ['less', { 'pod-security.kubernetes.io/enforce': 'baseline' }, 'enforces Pod Security baseline'],
    ['only a warning', { 'pod-security.kubernetes.io/warn': 'restricted' }, 'enforces no Pod Security of its own'],
  ])('is to be watched where its labels ask for %s, and the command that mends it is told', (_, labels, told) => {
    const { verdict, found, remedy } = judgeNamespace('changeover', labels);
    expect([verdict, found[0], remedy]).toEqual(['warning', expect.stringContaining(told), expect.stringContaining('kubectl label namespace changeover --overwrite pod-security.kubernetes.io/enforce=restricted')]);
  });
});

test('every secret that the configuration names is looked for, but not those that only come with the candidate', () => {
  const secret = (of: string) => ({ secret: { name: of, key: 'k' } });
  const jobList = (of: object) => ({ name: 'x', jobList: { credentials: { username: 'u', password: of } } });
  const environment = loadTestEnvironment({
    dataConfig: 'https://example.org/data.json',
    dnsProvider: { rfc2136: { server: '192.0.2.53', key: secret('tsig') } },
    release: { chart: { path: '/chart' }, values: [secret('values'), { inline: {} }] },
    load: [jobList(secret('of-the-candidate')), { ...jobList({ secret: { name: 'harvest', key: 'k', namespace: 'vault' } }), name: 'y' }],
    notify: { webhooks: [{ url: secret('hook') }] },
  });
  expect(secretsOf(environment).map(({ use, source }) => `${use} ${'secret' in source ? source.secret.name : ''}`)).toEqual(['dnsProvider tsig', 'release.values values', 'load harvest', 'notify hook']);
});

describe('an examination', () => {
  const trouble1 = (verdict: 'warning' | 'failed' | 'unknown') => trouble('room', { verdict, found: ['little is left'], remedy: 'Add nodes' });

  test.each([
    ['well', [ok('helm', 'v4')], 0],
    ['to be watched', [trouble1('warning')], 0],
    ['not known', [trouble1('unknown')], 0],
    ['wrong in one thing', [ok('helm', 'v4'), trouble1('failed')], 1],
  ] as const)('that is %s ends so', (_, findings, expected) => {
    expect(exitCodeOf({ findings })).toBe(expected);
  });

  test('as text wraps what is found beside its check, and counts what is not well', () => {
    const examination = { environment: 'prod', cluster: 'main', findings: [ok('helm', 'v4'), trouble1('failed')], written: 'nothing' } as const;
    expect(examinationText(examination, { columns: 40, style: styleFor({ color: false }) })).toBe(
      ['environment prod on cluster main', '', '  ✔ helm  v4', '  ✖ room  little is left', '          → Add nodes', '', '2 checks: 1 failed.', 'Nothing has been written.'].join('\n'),
    );
  });
});
