// What an operator reads when something outside fails before or within a run: its own code and advice, never "unexpected".

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Drivers } from '../../src/drivers/drivers.ts';
import { asFailure, DriverError, type FailureReason } from '../../src/drivers/failure.ts';
import { withOrigins } from '../../src/drivers/origins.ts';
import { catalogue, Failure } from '../../src/errors.ts';
import { failing } from '../../sim/faults.ts';
import type { Fault } from '../../sim/requests.ts';
import { terminal, type Printed, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
});
afterEach(() => shell.close());

function error(reason: FailureReason, attempted: string, detail: string): DriverError {
  return new DriverError({ reason, attempted, detail });
}

/** Types the line while every matching request fails. */
async function withFault(request: RegExp, fault: Fault, line: string): Promise<Printed> {
  shell.world.faults = failing(request, fault, Number.POSITIVE_INFINITY);
  return shell.type(line);
}

/** From the heading of the summary on. */
function lastWords({ stderr }: Printed): string {
  return stderr.slice(stderr.search(/\n(FAILED|STOPPED|NEEDS)/));
}

const refused = error('unavailable', 'GET /version', 'connect ECONNREFUSED 192.0.2.1:6443');

describe('a cluster that does not answer', () => {
  it('is said to be tried again, then is the cause, with the command to type when it is back', async () => {
    const printed = await withFault(/^cluster\.identity/, refused, 'rebuild -f prod.yaml');
    expect(printed.exitCode).toBe(1);
    expect(printed.stderr.match(/the cluster does not answer \(GET \/version: connect ECONNREFUSED 192\.0\.2\.1:6443\); trying again/g)).toHaveLength(4);
    expect(lastWords(printed)).toMatchInlineSnapshot(`
      "
      FAILED  The cluster does not answer

        what        GET /version: connect ECONNREFUSED 192.0.2.1:6443
        production  untouched: no run was begun
        next        Check the connection (kubectl version; if only the installed runner gets no answer, helm upgrade renews its NetworkPolicy), then try again:
                    changeover rebuild -f prod.yaml
      "
    `);
  });

  it.each(['status -f prod.yaml', 'history -f prod.yaml', 'plan rehearse -f prod.yaml', 'diagnose prod-2hpwr -f prod.yaml'])('%s: says so, and repeats itself as the next command', async (line) => {
    const printed = await withFault(/^cluster\.identity/, refused, line);
    expect(printed).toMatchObject({ exitCode: 1, stdout: '' });
    expect(lastWords(printed)).toContain('FAILED  The cluster does not answer');
    expect(lastWords(printed)).toMatch(new RegExp(`try again:\\n +changeover ${line}\n$`));
  });

  it('in the middle of a run is the reason why the run fails, and is unwound when it is back', async () => {
    shell.world.faults = failing(/^cluster\.create namespaces prod-/, refused, 5);
    const printed = await shell.type('rebuild -f prod.yaml');
    expect(printed.exitCode).toBe(1);
    expect(lastWords(printed)).toContain('FAILED  The cluster does not answer');
    expect(lastWords(printed)).toContain('step        Install the new release');
    expect(shell.releases()).toEqual([]);
  });
});

describe('before the first write', () => {
  it('a right that is missing: which one', async () => {
    const forbidden = error('forbidden', 'GET /apis/coordination.k8s.io/v1/namespaces/changeover/leases/changeover-prod', '403 Forbidden: User "nobody" cannot get resource "leases"');
    const printed = await withFault(/^cluster\.get Lease/, forbidden, 'rebuild -f prod.yaml');
    expect(printed.exitCode).toBe(1);
    expect(lastWords(printed)).toContain('FAILED  This account may not do what is needed');
    expect(lastWords(printed)).toContain('User "nobody" cannot get resource "leases"');
    expect(lastWords(printed)).toContain('production  untouched: no run was begun');
  });

  it('a program that is missing: which one, and where it was looked for', async () => {
    const printed = await withFault(/^helm\.version/, error('notInstalled', 'helm version --short', 'there is no program helm in PATH'), 'rebuild -f prod.yaml');
    expect(printed.exitCode).toBe(1);
    expect(lastWords(printed)).toContain('FAILED  A program that is needed is not installed');
    expect(lastWords(printed)).toContain('there is no program helm in PATH');
  });

  it('a chart that cannot be fetched', async () => {
    const printed = await withFault(/^helm\.chart/, error('notFound', 'helm pull oci://registry.example/portal', '404 Not Found'), 'plan -f prod.yaml');
    expect(printed.exitCode).toBe(1);
    expect(lastWords(printed)).toContain('FAILED  The chart could not be fetched');
  });

  it('an answer that nobody foresaw is still an answer from outside, not a fault to report', async () => {
    const printed = await withFault(/^cluster\.list configmaps/, error('unreadable', 'GET /api/v1/namespaces/changeover/configmaps', 'not a list'), 'history -f prod.yaml');
    expect(printed.exitCode).toBe(1);
    expect(lastWords(printed)).toContain('FAILED  An outside system did not do what was asked');
    expect(lastWords(printed)).not.toContain('report it');
  });
});

describe('names that cannot be read are not names that do not exist:', () => {
  const silent = error('timeout', 'DNS query SOA example.org. at ns1', 'no answer in 2 s');
  beforeEach(() => shell.type('rebuild -f prod.yaml'));

  it('a plan says that it does not know, and is refused', async () => {
    const { exitCode, stdout } = await withFault(/^dns\.zone/, silent, 'plan -f prod.yaml');
    expect(exitCode).toBe(5);
    expect(stdout).toContain('live now: not known, as names could not be read');
    expect(stdout).toContain('      before what could not be read\n');
    expect(stdout).toContain('zone example-org: DNS query SOA example.org. at ns1: no answer in 2 s');
  });

  it('a run is refused, and what is said of production claims nothing', async () => {
    const printed = await withFault(/^dns\.zone/, silent, 'rebuild -f prod.yaml');
    expect(printed.exitCode).toBe(5);
    expect(lastWords(printed)).toContain('what        zone example-org: DNS query SOA example.org. at ns1: no answer in 2 s\n');
    expect(lastWords(printed)).toContain('reason      not so: zones can be read and written\n');
    expect(lastWords(printed)).toContain('production  untouched: what the names answer could not be read');
    expect(shell.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });

  it('looking at the status asks no zone whether it would take a change', async () => {
    const before = shell.world.requests.length;
    await shell.type('status -f prod.yaml');
    const asked = shell.world.requests.slice(before).map(({ text }) => text);
    expect(asked.join('\n')).toContain('dns.read');
    expect(asked.join('\n')).not.toContain('dns.writable');
  });
});

describe('the way to the cluster', () => {
  it.each([['notFound'], ['invalid'], ['forbidden']] as const)('that is %s is a matter of configuration: exit 2', async (reason) => {
    const connect = withOrigins(() => Promise.reject(error(reason, 'use the context nonsense', 'the kubeconfig has: prod-cluster')));
    const failure = asFailure(await connect.catch((thrown: unknown) => thrown));
    expect(failure).toMatchObject({ code: 'NoCluster', exitCode: 2, message: expect.stringContaining('the kubeconfig has: prod-cluster') });
  });
});

describe('the same reason means another thing from another system:', () => {
  it.each([
    ['cluster', 'timeout', 'ClusterUnreachable'],
    ['helm', 'unavailable', 'ClusterUnreachable'],
    ['chart', 'unavailable', 'ChartUnavailable'],
    ['chart', 'invalid', 'ChartInvalid'],
    ['dns', 'timeout', 'DnsUnreachable'],
    ['dns', 'notInstalled', 'ProgramMissing'],
    ['secrets', 'notFound', 'SecretMissing'],
    ['secrets', 'forbidden', 'AccessDenied'],
    ['secrets', 'timeout', 'ClusterUnreachable'],
    [undefined, 'timeout', 'OutsideFailed'],
  ] as const)('%s, %s: %s', (origin, reason, code) => {
    const thrown = error(reason, 'something', 'else');
    thrown.origin = origin;
    expect(asFailure(thrown)).toMatchObject({ code, message: `${catalogue[code].title}: something: else` });
  });

  it('what no driver threw is a fault of this program', () => {
    expect(asFailure(new TypeError('x is not a function'))).toMatchObject({ code: 'Unexpected', facts: { summary: 'x is not a function' } });
    expect(asFailure('text')).toMatchObject({ code: 'Unexpected', facts: { summary: 'text' } });
  });
});

describe('asked to stop while the cluster keeps silent', () => {
  function stopAndKeepSilent(stop: AbortController): Promise<never> {
    stop.abort(new Failure('Interrupted', { summary: 'it was asked to stop (SIGINT)', exitCode: 130 }));
    return new Promise(() => undefined);
  }

  it.each([
    ['rebuild -f prod.yaml', 130, 'STOPPED  The run was stopped'],
    ['status -f prod.yaml', 130, ''],
    ['status -w -f prod.yaml', 0, ''],
  ])('%s ends at once', async (line, exitCode, words) => {
    const stop = new AbortController();
    const connect = (drivers: Drivers): Drivers => ({
      ...drivers,
      cluster: Object.assign(Object.create(drivers.cluster) as Drivers['cluster'], { identity: () => stopAndKeepSilent(stop) }),
    });
    const printed = await shell.type(line, { stop, connect });
    expect(printed.exitCode).toBe(exitCode);
    expect(printed.stderr).toContain(words);
    expect(printed.stderr).not.toContain('unexpected');
  });
});
