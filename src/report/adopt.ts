// What adopting a release writes, as data and as text.

import { annotations, labels, manager } from '../plan/ownership.ts';
import type { AdoptionPlan } from '../session/adopt.ts';

export interface AdoptionView {
  readonly environment: string;
  readonly namespace: string;
  readonly helmRelease: string;
  readonly state: 'live' | 'previous';
  /** Labels and annotations of the namespace, and objects in it; empty when all of it is there. */
  readonly writes: readonly string[];
  readonly warnings: readonly string[];
  readonly written: boolean;
}

export function adoptionView({ adoption, access }: AdoptionPlan, { environment, written }: { readonly environment: string; readonly written: boolean }): AdoptionView {
  const { name, helmRelease, state, isDone, warnings } = adoption;
  const marks = [
    `label ${labels.managedBy}=${manager}`,
    `label ${labels.environment}=${environment}`,
    `annotation ${annotations.state}=${state}`,
    `annotations ${annotations.liveSince}, ${annotations.epoch}, ${annotations.adopted}`,
    ...(helmRelease === name ? [] : [`annotation ${annotations.helmRelease}=${helmRelease}`]),
  ];
  return { environment, namespace: name, helmRelease, state, writes: [...access, ...(isDone ? [] : marks)], warnings, written };
}

/** `command`: what writes it. */
export function adoptionText({ environment, namespace, helmRelease, state, writes, warnings, written }: AdoptionView, command: string): string {
  const fate = state === 'live' ? 'the public names point to it: the next rebuild moves away from it' : 'no public name points to it: a rollback can return to it';
  const sections = [
    [`adopt: Helm release ${helmRelease} in namespace ${namespace}, as a release of ${environment}`, fate],
    ...(warnings.length === 0 ? [] : [warnings.map((warning) => `! ${warning}`)]),
    writes.length === 0 ? ['It is adopted already.'] : [written ? 'written' : 'write', ...writes.map((write) => `  + ${write}`)],
    written ? [`${namespace} is a release of ${environment} now. With deleteExisting: true the next rebuild deletes it, its namespace included.`] : [`To write it: ${command}`, 'Nothing has been written.'],
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

export function givingBackText({ namespace, undone }: { readonly namespace: string; readonly undone: boolean }, command: string): string {
  if (undone) return `${namespace} is given back: no run touches it any more.`;
  return [`give back ${namespace}: its marks and our bindings in it are removed, the release stays as it is`, '', `To do it: ${command}`, 'Nothing has been written.'].join('\n');
}
