// Every command line of helm and git, whole.

import { describe, expect, it } from 'vitest';
import {
  clusterArguments,
  findArguments,
  gitFetchArguments,
  installArguments,
  manifestArguments,
  pullArguments,
  renderArguments,
  testArguments,
  uninstallArguments,
} from '../../src/drivers/helm/arguments.ts';
import type { ReleaseRequest } from '../../src/drivers/helm/helm.ts';

const request: ReleaseRequest = {
  name: 'prod-2hpwr',
  namespace: 'prod-2hpwr',
  chart: { directory: '/charts/portal', name: 'portal', version: '1.2.3', origin: './chart', identity: 'sha256:0' },
  values: [{ password: 'planted' }],
  signal: new AbortController().signal,
};

function line(args: readonly string[]): string {
  return args.join(' ');
}

describe('the command line', () => {
  it('of an install waits for nothing, creates no namespace, and carries no values', () => {
    expect(line(installArguments(request, 600_000))).toBe('install prod-2hpwr /charts/portal --namespace prod-2hpwr --values - --timeout 600s');
  });

  it('of rendering asks no cluster, and includes definitions and hooks', () => {
    expect(line(renderArguments(request))).toBe('template prod-2hpwr /charts/portal --namespace prod-2hpwr --include-crds --values -');
  });

  it('of looking for a release names it exactly, in every state', () => {
    expect(line(findArguments('prod-2hpwr', 'prod-2hpwr'))).toBe(
      'list --namespace prod-2hpwr --deployed --failed --pending --superseded --uninstalled --uninstalling --output json --filter ^prod-2hpwr$',
    );
    expect(findArguments('a.b', 'ns')).toContain('^a\\.b$');
  });

  it('of what a release contains', () => {
    expect(line(manifestArguments('prod-2hpwr', 'prod-2hpwr'))).toBe('get manifest prod-2hpwr --namespace prod-2hpwr');
  });

  it('of the tests asks for their logs', () => {
    expect(line(testArguments('prod-2hpwr', 'prod-2hpwr', 90_500))).toBe('test prod-2hpwr --namespace prod-2hpwr --logs --timeout 91s');
  });

  it('of an uninstall waits for nothing and accepts that there is nothing', () => {
    expect(line(uninstallArguments('prod-2hpwr', 'prod-2hpwr', 60_000))).toBe('uninstall prod-2hpwr --namespace prod-2hpwr --ignore-not-found --timeout 60s');
  });

  it('names the cluster when it is told which', () => {
    expect(line(clusterArguments({ kubeconfig: '/etc/kubeconfig', context: 'production' }))).toBe('--kubeconfig /etc/kubeconfig --kube-context production');
    expect(clusterArguments({})).toEqual([]);
  });

  it('of a pull names the chart last, after everything that could be taken for an option', () => {
    expect(line(pullArguments({ chart: 'oci://registry.example.org/portal', version: '1.2.3', destination: '/tmp/x' }))).toBe(
      'pull --version 1.2.3 --destination /tmp/x -- oci://registry.example.org/portal',
    );
    expect(line(pullArguments({ chart: '--portal', repository: 'https://charts.example.org', version: '1.2.3', destination: '/tmp/x' }))).toBe(
      'pull --repo https://charts.example.org --version 1.2.3 --destination /tmp/x -- --portal',
    );
  });

  it('of git fetches one commit, and runs nobody else’s hooks', () => {
    expect(gitFetchArguments('/tmp/x', { git: 'https://example.org/app.git', ref: 'v1' }).map(line)).toEqual([
      'init --quiet --template= /tmp/x',
      '-C /tmp/x -c core.hooksPath=/dev/null fetch --quiet --depth 1 --no-tags -- https://example.org/app.git v1',
      '-C /tmp/x -c core.hooksPath=/dev/null checkout --quiet --detach FETCH_HEAD',
    ]);
  });
});
