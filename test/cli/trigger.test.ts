// `trigger` and `logs` as typed by an operator, with a runner installed in the simulated cluster: what is started, shown, and the exit code.

import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { terminal, type Terminal } from './terminal.ts';

const labels = { 'changeover.dev/environment': 'prod', 'changeover.dev/operation': 'rebuild' };
const args = ['rebuild', '-f', '/etc/changeover/environment.yaml', '--scheduled'];
const template = { metadata: { labels }, spec: { restartPolicy: 'Never', containers: [{ name: 'changeover', image: 'changeover:1', args }] } };
const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes: { containerName: 'changeover', operator: 'In', values: [1, 2, 3, 4, 5] } }] };
const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'changeover-prod', namespace: 'changeover', labels },
  spec: { schedule: '0 3 * * *', suspend: true, jobTemplate: { metadata: { labels, annotations: { note: 'kept' } }, spec: { backoffLimit: 3, podFailurePolicy, template } } },
};

// Virtual time passes while modules are loaded for the first time.
beforeAll(() => Promise.all([import('../../src/cli/logs-command.ts'), import('../../src/cli/trigger-command.ts'), import('../../src/report/json.ts')]));

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
  await shell.type('rebuild -f prod.yaml');
  await shell.world.cluster.create(kinds.cronJob, cronJob);
});
afterEach(() => shell.close());

/** What a rebuild tells in a pod, a line every 100 ms, and what the same rebuild tells on a terminal. */
async function told(more: Readonly<Record<string, unknown>> = {}): Promise<{ readonly log: string; readonly lines: string }> {
  const [inPod, local] = await Promise.all(
    [true, false].map(async (inCluster) => {
      const other = await terminal();
      await other.type('rebuild -f prod.yaml');
      await other.write('prod.yaml', more);
      if (more['load'] !== undefined) other.world.cluster.behaviours.set('Job/loader', { outcome: 'fails', log: 'row 17: bad value' });
      const { stderr } = await other.type('rebuild -f prod.yaml', { inCluster });
      await other.close();
      return stderr;
    }),
  );
  return { log: timed(inPod ?? ''), lines: local ?? '' };
}

function timed(text: string): string {
  return text.trimEnd().split('\n').map((line) => `+100 ${line}`).join('\n');
}

function jobs(): readonly KubernetesObject[] {
  return shell.world.cluster.inside.store.all(kinds.job, 'changeover');
}

function podRuns(behaviour: Parameters<Terminal['world']['cluster']['behaviours']['set']>[1]): void {
  shell.world.cluster.behaviours.set('Job/changeover', { afterMs: 10_000, ...behaviour });
}

const pods = /changeover-prod-manual-r\d+-[a-z0-9]{5}/g;

describe('trigger', () => {
  it('makes a Job as kubectl would from the CronJob, suspended or not', async () => {
    podRuns({});
    await shell.type('trigger -f prod.yaml');
    const [job] = jobs();
    expect(job?.metadata).toMatchObject({
      name: 'changeover-prod-manual-r0002',
      labels,
      annotations: { note: 'kept', 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'changeover-prod', controller: true }],
    });
    expect(job?.['spec']).toMatchObject({ backoffLimit: 3, template: { spec: { containers: [{ args }] } } });
  });

  it('draws the same lines as a local run, and ends with what the pod ended with', async () => {
    const { log, lines } = await told({ load: [{ name: 'base', job: { fromJob: 'loader' }, timeout: '10m' }] });
    podRuns({ outcome: 'fails', log });
    const { exitCode, stderr, stdout } = await shell.type('trigger -f prod.yaml');
    expect([exitCode, stdout]).toEqual([1, '']);
    const same = (text: string): string => text.replaceAll(/base-\w+-1-\w+/g, 'POD').replaceAll(/\(\d+(\.\d)? s ago\)/g, '(AGO)');
    const shown = stderr.split('\n').filter((line) => !/Job changeover|pod changeover/.test(line)).join('\n');
    expect(same(shown)).toBe(same(lines));
    expect(lines).toContain('row 17: bad value');
  });

  it('with the same summary at the end of a good run as the run itself would print here', async () => {
    // The record that the pod would have left here.
    await shell.type('rebuild -f prod.yaml');
    const { log, lines } = await told();
    podRuns({ log });
    const { exitCode, stderr } = await shell.type('trigger -f prod.yaml');
    expect(exitCode).toBe(0);
    const end = (text: string): string => text.slice(text.indexOf('\nDONE')).replaceAll(/prod-r\d+/g, 'RELEASE').replaceAll(/r\d{4}/g, 'RUN');
    expect(end(stderr)).toContain('DONE  rebuild of prod in');
    expect(end(stderr).split('\n').slice(0, 2)).toEqual(end(lines).split('\n').slice(0, 2));
  });

  it('goes on with the pod that replaces a lost one, and says so', async () => {
    podRuns({ outcome: 'fails', exitCode: 143, log: timed('{"level":"info","time":"2026-01-01T00:00:00.000Z","msg":"from the first pod"}') });
    const onTalk = (text: string): void => {
      if (text.includes('exit code 143')) podRuns({ log: timed('{"level":"info","time":"2026-01-01T00:00:00.000Z","msg":"from the second pod"}') });
    };
    const { exitCode, stderr } = await shell.type('trigger -f prod.yaml', { onTalk });
    expect(exitCode).toBe(0);
    expect(stderr.replaceAll(pods, 'POD')).toMatch(/from the first pod[\s\S]*pod POD has ended with exit code 143[\s\S]*goes on in pod POD[\s\S]*from the second pod/);
  });

  it('tells once what a connection that was cut had told already', async () => {
    const line = (text: string): string => JSON.stringify({ level: 'info', time: '2026-01-01T00:00:00.000Z', msg: text });
    podRuns({ log: `+100 ${line('first')}\n+10 ${line('second')}\n+10 ✂\n+100 ${line('third')}` });
    const { stderr } = await shell.type('trigger -f prod.yaml');
    expect(stderr.match(/first|second|third/g)).toEqual(['first', 'second', 'third']);
  });

  it.each([
    ['its image is not there', { outcome: 'imagePull' }, /pod POD: .*Failed to pull image "changeover:1": not found/],
    ['no node has room', { outcome: 'unschedulable' }, /pod POD: .*Insufficient cpu/],
    ['the quota refuses it', { outcome: 'quota' }, /Job changeover-prod-manual-r\d+: its pods cannot be created: .*exceeded quota/],
  ] as const)('a pod that cannot start is told with its cause: %s', async (_, behaviour, cause) => {
    podRuns(behaviour);
    const stop = new AbortController();
    shell.world.clock.after(60_000, () => stop.abort(new Error('SIGINT')));
    const { stderr } = await shell.type('trigger -f prod.yaml', { stop });
    expect(stderr.replaceAll(pods, 'POD')).toMatch(cause);
  });

  it('interrupted it detaches: the Job goes on, and how to follow and to cancel is said', async () => {
    podRuns({ outcome: 'never' });
    const stop = new AbortController();
    shell.world.clock.after(5_000, () => stop.abort(new Error('SIGINT')));
    const { stderr } = await shell.type('trigger -f prod.yaml', { stop });
    expect(stderr.slice(stderr.indexOf('detached'))).toMatchInlineSnapshot(`
      "detached: Job changeover-prod-manual-r0002 goes on in the cluster.
        follow  changeover logs --follow --job changeover-prod-manual-r0002 -f prod.yaml
        cancel  changeover cancel -f prod.yaml
      "
    `);
    expect(jobs()).toHaveLength(1);
  });

  it('--detach starts it and says the same at once', async () => {
    const { exitCode, stdout } = await shell.type('trigger --detach -f prod.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('changeover logs --follow --job changeover-prod-manual-r0002 -f prod.yaml');
  });

  it('started and still waiting for its pod, there is no run yet to cancel: the Job is named', async () => {
    podRuns({ outcome: 'imagePull' });
    await shell.type('trigger --detach -f prod.yaml');
    const { exitCode, stdout } = await shell.type('cancel -f prod.yaml');
    expect([exitCode, stdout.split('\n')]).toEqual([0, [
      'nothing is running in prod: there is nothing to cancel',
      'Job changeover-prod-manual-r0002 is about to begin one; to keep it from that: kubectl -n changeover delete job changeover-prod-manual-r0002',
      '',
    ]]);
  });

  it('is refused while a Job of the environment is active, which is named', async () => {
    podRuns({ outcome: 'never' });
    await shell.type('trigger --detach -f prod.yaml');
    const { exitCode, stderr } = await shell.type('trigger -f prod.yaml');
    expect(exitCode).toBe(5);
    expect(stderr).toContain('Job changeover/changeover-prod-manual-r0002 has not ended');
    expect(jobs()).toHaveLength(1);
  });

  it('is refused where no runner is installed, and for an operation that has no CronJob', async () => {
    await shell.write('test.yaml', { environment: 'test' });
    expect(await shell.type('trigger -f test.yaml')).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('there is no CronJob changeover/changeover-test') });
    expect(await shell.type('trigger --operation prune -f prod.yaml')).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('there is no CronJob changeover/changeover-prod-prune') });
  });

  it('a Job that somebody deletes ends it with 1, and is told as that', async () => {
    podRuns({ outcome: 'never' });
    shell.world.clock.after(5_000, () => {
      const [job] = jobs();
      if (job !== undefined) void shell.world.cluster.delete({ kind: kinds.job, ...job.metadata }, job.metadata.uid ?? '');
    });
    const { exitCode, stderr } = await shell.type('trigger -f prod.yaml');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('somebody has deleted Job changeover-prod-manual-r0002');
  });

  it('as JSON says what was started and how it ended', async () => {
    podRuns({ outcome: 'fails', exitCode: 3, log: (await told({ load: [{ name: 'base', job: { fromJob: 'loader' } }] })).log });
    const { exitCode, stdout } = await shell.type('trigger -o json -f prod.yaml');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ environment: 'prod', operation: 'rebuild', job: 'changeover-prod-manual-r0002', pods: [expect.stringMatching(pods)], outcome: 'failed', exitCode: 3 });
  });
});

describe('logs', () => {
  it('shows the pods of the latest Job in order, as they showed themselves', async () => {
    const { log, lines } = await told();
    podRuns({ log });
    await shell.type('trigger --detach -f prod.yaml');
    await shell.world.clock.sleep(20_000);
    const { exitCode, stdout } = await shell.type('logs -f prod.yaml');
    expect(exitCode).toBe(0);
    const steps = (text: string): string => text.slice(0, text.indexOf('done, after'));
    expect(steps(stdout).replaceAll(/base-\w+-1-\w+/g, 'POD')).toBe(steps(lines).replaceAll(/base-\w+-1-\w+/g, 'POD'));
  });

  it('as JSON are the lines as they are', async () => {
    const { log } = await told();
    podRuns({ log });
    await shell.type('trigger --detach -f prod.yaml');
    await shell.world.clock.sleep(20_000);
    const { stdout } = await shell.type('logs -o json -f prod.yaml');
    expect(stdout.trimEnd().split('\n').map((line) => `+100 ${line}`).join('\n')).toBe(log);
  });

  it('followed go on to the end of the Job', async () => {
    podRuns({ log: `+100 one\n+5000 two` });
    await shell.type('trigger --detach -f prod.yaml');
    const { exitCode, stdout } = await shell.type('logs --follow -f prod.yaml');
    expect(exitCode).toBe(0);
    expect(stdout.match(/one|two/g)).toEqual(['one', 'two']);
  });

  it('of a run that no Job did say where it is recorded', async () => {
    const { exitCode, stderr } = await shell.type('logs --run r0001 -f prod.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('was done by host/1: no Job of a runner, or one that is gone');
    expect(stderr).toContain('changeover history 20260101-000000-r0001 -f prod.yaml');
  });

  it('of a Job that is not there name those that are', async () => {
    podRuns({});
    await shell.type('trigger --detach -f prod.yaml');
    expect(await shell.type('logs --job nowhere -f prod.yaml')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there are changeover-prod-manual-r0002') });
  });
});

it('names the commands that go on from there as the program itself was called', async () => {
  podRuns({});
  const { stdout } = await shell.type('trigger --detach -f prod.yaml', { program: 'kubectl changeover' });
  expect(stdout).toContain('  cancel  kubectl changeover cancel -f prod.yaml\n');
});
