// Label and field selectors of the API server. Refuses what it does not know instead of matching too much.

import { DriverError } from '../../src/drivers/failure.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';

export type Matches = (object: KubernetesObject) => boolean;

/** Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
export function labelSelector(text = ''): Matches {
  const terms = requirements(text).map(labelTerm);
  return (object) => terms.every((matches) => matches(object.metadata.labels ?? {}));
}

export function fieldSelector(text = ''): Matches {
  const terms = requirements(text).map(fieldTerm);
  return (object) => terms.every((matches) => matches(object));
}

/** Commas separate requirements, except inside the brackets of a set. */
function requirements(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim()).filter((part) => part !== '');
}

function labelTerm(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, label = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const isIn = (labels: Readonly<Record<string, string>>): boolean => values.includes(labels[label] ?? '\0');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const pair = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(text);
  if (pair !== null) {
    const [, label = '', operator, value] = pair;
    return operator === '!=' ? (labels) => labels[label] !== value : (labels) => labels[label] === value;
  }
  const existence = /^(!?)([^\s=!()]+)$/.exec(text);
  if (existence === null) throw invalid(text);
  const [, absent, label = ''] = existence;
  return absent === '!' ? (labels) => !(label in labels) : (labels) => label in labels;
}

function fieldTerm(text: string): Matches {
  const [, path = '', operator, value] = /^([\w.]+)\s*(==|=|!=)\s*(.*)$/.exec(text) ?? [];
  if (!/^(metadata\.(name|namespace)|status\.phase|spec\.nodeName|involvedObject\.\w+|type|reason)$/.test(path)) throw invalid(text);
  const equals: Matches = (object) => read(object, path) === value;
  return operator === '!=' ? (object) => !equals(object) : equals;
}

function read(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, field) => (inner as Record<string, unknown> | undefined)?.[field], object);
}

function invalid(text: string): DriverError {
  return new DriverError({ reason: 'invalid', attempted: `selecting by “${text}”`, detail: '400: unable to parse requirement' });
}
