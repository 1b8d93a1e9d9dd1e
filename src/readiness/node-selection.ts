// Whether a node's labels and taints admit a pod. Source: Kubernetes "Assigning Pods to Nodes" and "Taints and Tolerations".

import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod, Taint, Toleration } from './pod-shapes.ts';
import type { Labels } from './shapes.ts';

/** What of the node's labels does not suit the pod, for people, or undefined when all does. */
export function labelMismatch({ spec }: Pod, node: Node): string | undefined {
  const labels = node.metadata.labels ?? {};
  const missing = Object.entries(spec?.nodeSelector ?? {}).filter(([key, value]) => labels[key] !== value);
  if (missing.length > 0) return `its labels lack ${missing.map(([key, value]) => `${key}=${value}`).join(', ')}`;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || terms.some((term) => matchesTerm(term, node, labels))) return undefined;
  return `it does not match the required node affinity (${terms.map(describeTerm).join(' or ')})`;
}

/** The taints that keep the pod off the node. */
export function untolerated({ spec }: Pod, node: Node): readonly Taint[] {
  const repelling = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
  return repelling.filter((taint) => !(spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint)));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node, labels: Labels): boolean {
  // An empty term matches no node.
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields = { 'metadata.name': node.metadata.name };
  return matchExpressions.every((one) => matchesRequirement(one, labels)) && matchFields.every((one) => matchesRequirement(one, fields));
}

function matchesRequirement({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      // An operator of a later version: nobody is called hopeless over it.
      return true;
  }
}

function describeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): string {
  return [...matchExpressions, ...matchFields].map(({ key, operator, values = [] }) => [key, operator, values.join('|')].filter(Boolean).join(' ')).join(', ');
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
  if (key === undefined || key === '') return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}
