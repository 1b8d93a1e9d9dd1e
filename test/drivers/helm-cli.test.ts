// The Helm driver with a helm that is only noted: what it is given, and what its words are taken for.

import { describe, expect, it } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Helm, ReleaseRequest } from '../../src/drivers/helm/helm.ts';
import { helmCli, helmEnvironment } from '../../src/drivers/helm/helm-cli.ts';
import type { HelmMeter } from '../../src/drivers/helm/meter.ts';
import { ProcessError, type Command, type ProcessResult } from '../../src/drivers/process.ts';

const { signal } = new AbortController();
const chart = { directory: '/charts/portal', name: 'portal', version: '1.2.3', origin: './chart', identity: 'sha256:0' };
const request: ReleaseRequest = { name: 'prod-2hpwr', namespace: 'prod-2hpwr', chart, values: [], signal };

const limits = { memoryBytes: 1, reservedBytes: 2 };

type Ending = string | { readonly stdout?: string; readonly stderr: string };

/** A text is what helm prints and ends well with; anything else is how it fails. */
function helmThat(ending: Ending): { readonly helm: Helm; readonly commands: Command[] } {
  const commands: Command[] = [];
  const run = async (command: Command): Promise<ProcessResult> => {
    commands.push(command);
    if (typeof ending === 'string') return { stdout: ending, stderr: '', exitCode: 0 };
    throw new ProcessError('invalid', { attempted: 'helm …', detail: 'exit code 1', exitCode: 1, stdout: '', ...ending });
  };
  const meter: HelmMeter = {
    version: () => run({ file: 'helm', args: ['version', '--short'], timeoutMs: 60_000 }),
    rendering: async () => ({ limits }),
    installing: async () => ({ limits }),
  };
  return { helm: helmCli({ run, timeoutMs: 60_000, context: 'production', meter }), commands };
}

async function failure(promise: Promise<unknown>): Promise<DriverError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof DriverError) return error;
  throw new Error(`expected a DriverError, got ${JSON.stringify(error)}`);
}

describe('an install', () => {
  it('hands values over by standard input only, and marks their texts as secrets', async () => {
    const { helm, commands } = helmThat('');
    await helm.install({ ...request, values: [{ a: { b: 1, c: [1] } }, { a: { b: null, c: ['planted-text'] }, portal: 'portal', short: 'abc' }] });
    expect(commands).toEqual([
      {
        file: 'helm',
        args: ['install', 'prod-2hpwr', '/charts/portal', '--namespace', 'prod-2hpwr', '--values', '-', '--timeout', '60s', '--kube-context', 'production'],
        env: helmEnvironment,
        input: '{"a":{"b":null,"c":["planted-text"]},"portal":"portal","short":"abc"}',
        secrets: ['planted-text', 'cGxhbnRlZC10ZXh0'],
        timeoutMs: 90_000,
        signal,
      },
    ]);
  });

  it('never asks for debug output, and lets no variable of the shell lead it to another cluster', () => {
    expect(helmEnvironment).toMatchObject({ HELM_DEBUG: 'false', HELM_KUBECONTEXT: '', HELM_KUBEAPISERVER: '', HELM_KUBETOKEN: '', HELM_NAMESPACE: '' });
  });

  const words: readonly [string, string][] = [
    ['Error: INSTALLATION FAILED: release name check failed: cannot reuse a name that is still in use', 'conflict'],
    ['Error: INSTALLATION FAILED: cannot re-use a name that is still in use', 'conflict'],
    ['Error: INSTALLATION FAILED: unable to continue with install: ClusterRole "portal" in namespace "" exists and cannot be imported', 'invalid'],
    ['Error: INSTALLATION FAILED: kubernetes cluster unreachable: Get "https://192.0.2.1:6443/version": dial tcp: i/o timeout', 'unavailable'],
    ['Error: INSTALLATION FAILED: configmaps is forbidden: User "x" cannot create resource', 'forbidden'],
    ['Error: INSTALLATION FAILED: failed pre-install: resource not ready: context deadline exceeded', 'timeout'],
    ['Error: INSTALLATION FAILED: execution error at (portal/templates/x.yaml:1:4): this cannot be', 'invalid'],
    ['Killed', 'invalid'],
  ];
  it.each(words)('that fails with "%s" is: %s', async (stderr, reason) => {
    const error = await failure(helmThat({ stderr: `level=WARN msg="a warning"\n${stderr}` }).helm.install(request));
    expect(error.reason).toBe(reason);
    expect(error.detail).toContain(stderr.replace(/^Error: /, ''));
  });

  it('shows Helm’s last message without the warnings before it', async () => {
    const stderr = 'WARNING: Kubernetes configuration file is group-readable\nlevel=ERROR msg="x"\nError: INSTALLATION FAILED: one\nand two';
    expect((await failure(helmThat({ stderr }).helm.install(request))).detail).toBe('INSTALLATION FAILED: one\nand two');
  });
});

describe('looking for a release', () => {
  const row = { name: 'prod-2hpwr', namespace: 'prod-2hpwr', revision: '3', updated: 'x', status: 'pending-install', chart: 'portal-1.2.3', app_version: '' };

  it('finds it in whatever state', async () => {
    expect(await helmThat(JSON.stringify([row])).helm.find('prod-2hpwr', 'prod-2hpwr')).toEqual({ name: 'prod-2hpwr', namespace: 'prod-2hpwr', status: 'pending-install', revision: 3 });
  });

  it('finds none in an empty list, nor among others', async () => {
    expect(await helmThat('[]').helm.find('prod-2hpwr', 'prod-2hpwr')).toBeUndefined();
    expect(await helmThat(JSON.stringify([{ ...row, name: 'prod-2hpwrx' }, { ...row, namespace: 'other' }])).helm.find('prod-2hpwr', 'prod-2hpwr')).toBeUndefined();
  });

  it('lists all of a namespace, and none of another', async () => {
    const others = [{ ...row, name: 'by-hand', status: 'deployed' }, { ...row, namespace: 'other' }];
    expect((await helmThat(JSON.stringify([row, ...others])).helm.list('prod-2hpwr')).map(({ name, status }) => `${name} ${status}`)).toEqual(['prod-2hpwr pending-install', 'by-hand deployed']);
    expect(await helmThat('[]').helm.list('prod-2hpwr')).toEqual([]);
    expect((await failure(helmThat('null').helm.list('prod-2hpwr'))).reason).toBe('unreadable');
  });

  it.each(['', 'null', '{}', '[{}]', 'No releases'])('takes "%s" for unreadable, not for none', async (stdout) => {
    expect((await failure(helmThat(stdout).helm.find('prod-2hpwr', 'prod-2hpwr'))).reason).toBe('unreadable');
  });

  it('fails when Helm does: that is not "none" either', async () => {
    const stderr = 'Error: list: failed to list: secrets is forbidden: User "x" cannot list resource "secrets"';
    expect((await failure(helmThat({ stderr }).helm.find('prod-2hpwr', 'prod-2hpwr'))).reason).toBe('forbidden');
  });
});

describe('the tests of a chart', () => {
  const suite = (name: string, phase: string) => `TEST SUITE:     ${name}\nLast Started:   Sat Nov 21 11:48:41 2026\nLast Completed: Sat Nov 21 11:48:44 2026\nPhase:          ${phase}\n`;
  const test = (ending: Ending) => helmThat(ending).helm.test('prod-2hpwr', 'prod-2hpwr', { timeoutMs: 5_000, signal });

  it('that fail are named, with the end of their own log', async () => {
    const log = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\n');
    const stdout = `${suite('good', 'Succeeded')}${suite('rows', 'Failed')}\nPOD LOGS: good\nfine\n\nPOD LOGS: rows\n${log}\n`;
    const error = await failure(test({ stdout, stderr: 'Error: pod rows failed' }));
    expect(error.reason).toBe('invalid');
    expect(error.detail?.split('\n')).toEqual(['rows failed', ...log.split('\n').slice(10)]);
  });

  it('that fail without a log are named with what Helm says', async () => {
    const error = await failure(test({ stdout: suite('rows', 'Failed'), stderr: 'Error: resource Pod/x/rows not ready. status: Failed' }));
    expect(error.detail).toBe('rows failed\nError: resource Pod/x/rows not ready. status: Failed');
  });

  it('pass when all succeeded and only a log is missing: a Job has no pod of its name', async () => {
    await test({ stdout: suite('rows', 'Succeeded'), stderr: 'Error: unable to get pod logs for rows: pods "rows" not found' });
  });

  it.each([
    ['a test that did not run', suite('good', 'Succeeded') + suite('rows', 'Unknown'), 'Error: unable to get pod logs for rows: pods "rows" not found'],
    ['another complaint', suite('rows', 'Succeeded'), 'Error: something else\nunable to get pod logs for rows: pods "rows" not found'],
    ['no test at all', '', 'Error: unable to get pod logs for rows: pods "rows" not found'],
  ])('do not pass with %s', async (_title, stdout, stderr) => {
    expect(await failure(test({ stdout, stderr }))).toBeInstanceOf(DriverError);
  });
});

describe('the version', () => {
  it.each([
    ['v4.2.3+g43e8b7f', 'v4.2.3'],
    ['WARNING: x\nv3.19.0-rc.1+g1234567\n', 'v3.19.0-rc.1'],
  ])('is read from "%s"', async (stdout, version) => {
    const { helm, commands } = helmThat(stdout);
    expect(await helm.version()).toBe(version);
    expect(commands[0]?.args).toEqual(['version', '--short']);
  });

  it('is unreadable from anything else', async () => {
    expect((await failure(helmThat('helm?').helm.version())).reason).toBe('unreadable');
  });
});
