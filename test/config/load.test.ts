// The environment file as operators meet it: what is filled in, how layers combine, and each fault word for word.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../src/config/load.ts';
import { faults, faultsOf, minimal, parse } from './faults.ts';

describe('a good file', () => {
  it('is filled with the documented defaults, in milliseconds and absolute paths', () => {
    expect(parse({ 'prod.yaml': minimal })).toEqual({
      cluster: 'main',
      environment: 'prod',
      deleteExisting: false,
      dns: [{ zone: 'z', name: 'www.example.org.', service: 'web' }],
      strictErrorChecking: true,
      dnsProvider: { googleCloud: {} },
      dnsServers: {},
      release: { chart: { path: '/conf/chart' }, values: [], onFailure: 'delete', permissions: { namespaced: [], cluster: [] }, timeout: 600_000 },
      readiness: { timeout: 1_200_000, mayStayUnready: [] },
      load: [],
      verify: { http: [], helmTest: false, jobs: [], timeout: 300_000 },
      swap: { timeout: 120_000, ownerRecords: true, replaceForeign: false },
      drain: { soak: 60_000, every: 5_000 },
      retire: { timeout: 600_000 },
      notify: { webhooks: [] },
      runner: { namespace: 'changeover', leaseDuration: 30_000, keepRecords: 50, readNodes: false },
      timeZone: 'Etc/UTC',
      suspend: false,
      schedules: [],
      secrets: {},
      files: {},
      pod: {},
    });
  });

  it('has its names in one spelling: lower case, with the trailing dot', () => {
    const { dns } = parse({ 'a.yaml': minimal.replace('www.example.org', 'WWW.Example.org.') });
    expect(dns[0]?.name).toBe('www.example.org.');
  });
});

describe('layers', () => {
  it('merge mappings deeply, replace lists and scalars, and remove with null', () => {
    const base = `${minimal}swap: { timeout: 1m, replaceForeign: true }\nschedule: "@daily"\nload: [{ name: a, job: { fromJob: a } }]\n`;
    const prod = 'swap: { timeout: 3m }\nschedule: null\nload: [{ name: b, job: { fromJob: b } }]\ndeleteExisting: true\n';
    const environment = parse({ 'base.yaml': base, 'prod.yaml': prod });
    expect(environment.swap).toEqual({ timeout: 180_000, ownerRecords: true, replaceForeign: true });
    expect(environment.schedule).toBeUndefined();
    expect(environment.load.map(({ name }) => name)).toEqual(['b']);
    expect(environment.deleteExisting).toBe(true);
  });

  it('with nothing in them change nothing', () => {
    expect(parse({ 'base.yaml': minimal, 'empty.yaml': '', 'comment.yaml': '# later\n' })).toEqual(parse({ 'base.yaml': minimal }));
  });

  it('get the blame for what they themselves set', () => {
    const base = `${minimal}swap: { timeout: 1m, replaceForeing: true }\n`;
    expect(faults({ 'base.yaml': base, 'prod.yaml': 'swap:\n  timeout: soon\n' })).toEqual([
      'base.yaml:5:22: unknown key `replaceForeing` in `swap`; did you mean `replaceForeign`?',
      'prod.yaml:2:12: `swap.timeout` is “soon”; it must be a duration such as 30s, 20m, 1h30m or 2d',
    ]);
  });

  it('that bring two alternatives together are told how to take one away', () => {
    const base = `${minimal}dnsProvider: { googleCloud: { project: p } }\n`;
    const prod = 'dnsProvider:\n  rfc2136: { server: 192.0.2.1 }\n';
    expect(faults({ 'base.yaml': base, 'prod.yaml': prod })).toContain(
      'prod.yaml:2:3: `dnsProvider.rfc2136` cannot be given together with `googleCloud` (base.yaml:5:16); remove one of the two (null removes a key of a lower layer)',
    );
    const removed = 'dnsProvider: { googleCloud: null, rfc2136: { server: 192.0.2.1 } }\ndns: [{ zone: example.org, name: www.example.org, service: web }]\n';
    expect(parse({ 'base.yaml': base, 'prod.yaml': removed }).dnsProvider).toEqual({ rfc2136: { server: '192.0.2.1' } });
  });
});

describe('paths', () => {
  it('start from the folder of the file they stand in', () => {
    const environment = parse({
      'base/base.yaml': `${minimal}dnsProvider: { googleCloud: { credentials: { file: key.json } } }\n`,
      '/etc/changeover/prod.yaml': 'release: { values: [{ file: values.yaml }, { file: ../x.yaml }] }\ndataConfig: data.json\n',
    });
    expect(environment.release.chart).toEqual({ path: '/conf/base/chart' });
    expect(environment.dnsProvider).toEqual({ googleCloud: { credentials: { file: '/conf/base/key.json' } } });
    expect(environment.release.values).toEqual([{ file: '/etc/changeover/values.yaml' }, { file: '/etc/x.yaml' }]);
    expect(environment.dataConfig).toBe('/etc/changeover/data.json');
  });

  it('inside a Git repository and URLs stay as they are', () => {
    const chart = 'release: { chart: { path: null, git: https://g.example/x.git, ref: v1, path: chart } }\n'.replace('path: null, ', '');
    const environment = parse({ 'a.yaml': minimal.replace(/release.*\n/, chart) + 'dataConfig: https://d.example/x.json\n' });
    expect(environment.release.chart).toMatchObject({ path: 'chart' });
    expect(environment.dataConfig).toBe('https://d.example/x.json');
  });

  it('may not be URLs of another kind', () => {
    expect(faultsOf('dataConfig: ftp://d.example/x\n')).toEqual(['+1:13: `dataConfig` is “ftp://d.example/x”; it must be a file, or a URL that begins with http:// or https://']);
  });
});

describe('the classic keys', () => {
  const classic = `${minimal}deleteExisting: true\nschedule: "0 20 * * 5"\nstrictErrorChecking: false\n`;

  it('keep their meaning: dataConfig alone is one job list named harvest', () => {
    const environment = parse({ 'a.yaml': `${classic}dataConfig: https://d.example/x.json\n` });
    expect(environment).toMatchObject({ deleteExisting: true, schedule: '0 20 * * 5', strictErrorChecking: false });
    expect(environment.load).toEqual([
      {
        name: 'harvest',
        after: [],
        timeout: 172_800_000,
        retries: 0,
        jobList: { base: 'http://ingress.{namespace}.svc.cluster.local/harvester/api/1', dataConfig: 'https://d.example/x.json' },
      },
    ]);
  });

  it('mean the same as the job list written out', () => {
    const long = `${classic}load: [{ name: harvest, jobList: { dataConfig: https://d.example/x.json } }]\n`;
    expect(parse({ 'a.yaml': `${classic}dataConfig: https://d.example/x.json\n` }).load).toEqual(parse({ 'a.yaml': long }).load);
  });

  it('give their dataConfig to every job list without one of its own', () => {
    const { load } = parse({ 'a.yaml': `${classic}dataConfig: one.json\nload: [{ name: a, jobList: {} }, { name: b, jobList: { dataConfig: two.json } }]\n` });
    expect(load.map((job) => 'jobList' in job && job.jobList.dataConfig)).toEqual(['/conf/one.json', '/conf/two.json']);
  });

  it('do not let a dataConfig go unused, nor a job list unfed', () => {
    expect(faultsOf('dataConfig: one.json\nload: [{ name: a, job: { fromJob: x } }]\n')).toEqual([
      '+1:1: `dataConfig` is not used: no entry of `load` has a `jobList`; remove it, or add such an entry',
    ]);
    expect(faultsOf('load: [{ name: a, jobList: {} }]\n')).toEqual(['+1:28: `load[0].jobList` has no data to send; add dataConfig here or at top level']);
  });
});

describe('files on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'changeover-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are read and layered in the order given', async () => {
    await writeFile(join(folder, 'base.yaml'), minimal);
    await writeFile(join(folder, 'prod.yaml'), 'cluster: other\n');
    expect((await loadEnvironment(['base.yaml', 'prod.yaml'], folder)).cluster).toBe('other');
    expect((await loadEnvironment(['prod.yaml', 'base.yaml'], folder)).cluster).toBe('main');
  });

  it('that cannot be read are told together with what is wrong in the others', async () => {
    await writeFile(join(folder, 'bytes.yaml'), Buffer.from([0x63, 0x3a, 0xff, 0xfe]));
    await writeFile(join(folder, 'broken.yaml'), 'a: [1\n');
    const failure = await loadEnvironment(['none.yaml', '.', 'bytes.yaml', 'broken.yaml'], folder).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'ConfigurationInvalid',
      exitCode: 2,
      facts: {
        summary: '4 errors in none.yaml, ., bytes.yaml, broken.yaml',
        details: [
          'none.yaml:1:1: there is no such file; check the path',
          '.:1:1: this is a folder; name a file',
          'bytes.yaml:1:1: the file is not text in UTF-8; save it as such',
          expect.stringMatching(/^broken\.yaml:\d+:\d+: not valid YAML/),
        ],
      },
    });
  });
});
