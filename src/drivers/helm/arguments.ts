// Command lines of helm and git, as data. Pure: what they do is told by the tests that compare them whole.

import type { ReleaseRequest } from './helm.ts';

/** Which cluster Helm talks to; both undefined inside a pod. */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * Helm's own default, without `--wait`, creates the objects and waits for hooks alone: `hookOnly` in Helm 4, none in Helm 3.
 * Values come on standard input: never as arguments, and in no file that a killed process leaves behind.
 */
export function installArguments({ name, namespace, chart }: ReleaseRequest, timeoutMs: number): readonly string[] {
  return ['install', name, chart.directory, '--namespace', namespace, '--values', '-', '--timeout', duration(timeoutMs)];
}

/** Offline, with the CustomResourceDefinitions and hooks that an install would create too. */
export function renderArguments({ name, namespace, chart }: ReleaseRequest): readonly string[] {
  return ['template', name, chart.directory, '--namespace', namespace, '--include-crds', '--values', '-'];
}

/** Every state, since each of them holds the name. Helm 4 has no `--all` any more, Helm 3 needs it or all of these. */
export function listArguments(namespace: string): readonly string[] {
  const states = ['--deployed', '--failed', '--pending', '--superseded', '--uninstalled', '--uninstalling'];
  return ['list', '--namespace', namespace, ...states, '--output', 'json'];
}

export function findArguments(name: string, namespace: string): readonly string[] {
  return [...listArguments(namespace), '--filter', `^${name.replaceAll('.', '\\.')}$`];
}

export function manifestArguments(name: string, namespace: string): readonly string[] {
  return ['get', 'manifest', name, '--namespace', namespace];
}

export function testArguments(name: string, namespace: string, timeoutMs: number): readonly string[] {
  return ['test', name, '--namespace', namespace, '--logs', '--timeout', duration(timeoutMs)];
}

export function uninstallArguments(name: string, namespace: string, timeoutMs: number): readonly string[] {
  return ['uninstall', name, '--namespace', namespace, '--ignore-not-found', '--timeout', duration(timeoutMs)];
}

export function clusterArguments({ kubeconfig, context }: ClusterFlags): readonly string[] {
  return [...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]), ...(context === undefined ? [] : ['--kube-context', context])];
}

export interface PullRequest {
  /** `oci://…`, or the chart's name with `repository`. */
  readonly chart: string;
  readonly repository?: string;
  readonly version: string;
  readonly destination: string;
}

export function pullArguments({ chart, repository, version, destination }: PullRequest): readonly string[] {
  const from = repository === undefined ? [] : ['--repo', repository];
  return ['pull', ...from, '--version', version, '--destination', destination, '--', chart];
}

/** One commit of one ref, which may be a branch, a tag or a commit's full hash. No hooks, no submodules, no history. */
export function gitFetchArguments(directory: string, { git, ref }: { readonly git: string; readonly ref: string }): readonly (readonly string[])[] {
  const inside = ['-C', directory, '-c', 'core.hooksPath=/dev/null'];
  return [
    ['init', '--quiet', '--template=', directory],
    [...inside, 'fetch', '--quiet', '--depth', '1', '--no-tags', '--', git, ref],
    [...inside, 'checkout', '--quiet', '--detach', 'FETCH_HEAD'],
  ];
}

/** In whole seconds, which Go understands too. */
function duration(ms: number): string {
  return `${Math.ceil(ms / 1_000)}s`;
}
