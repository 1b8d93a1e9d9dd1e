// The chart as Helm renders it for the environment that uses all of it: what kubeconform, kube-score and checkov look at.

import { execa } from 'execa';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '..', '..');

export const chart = join(root, 'chart');

/** As Helm's arguments. With a digest and a namespace of its own, as an installation has them, and with the rights that few environments need. */
export const values: readonly string[] = [
  `--values=${join(root, 'config/secrets.yaml')}`,
  `--values=${join(root, 'config/prod.yaml')}`,
  `--set-json=release.permissions.cluster=[{"apiGroups":["apiextensions.k8s.io"],"resources":["customresourcedefinitions"]}]`,
  '--namespace=changeover',
  '--set=runner.namespace=changeover',
  '--set=pod.nodeSelector.pool=tools',
  '--set=pod.priorityClassName=high',
  `--set=pod.image.digest=sha256:${'0'.repeat(64)}`,
];

export async function render(helm: string): Promise<string> {
  const { stdout } = await execa(helm, ['template', 'builder-prod', chart, ...values]);
  return stdout;
}

export function kindsOf(manifests: string): readonly { readonly apiVersion: string; readonly kind: string }[] {
  const objects = parseAllDocuments(manifests).map((document) => document.toJS() as { readonly apiVersion: string; readonly kind: string } | null);
  const named = new Map(objects.flatMap((object) => (object === null ? [] : [[`${object.apiVersion} ${object.kind}`, { apiVersion: object.apiVersion, kind: object.kind }]])));
  return [...named.values()];
}
