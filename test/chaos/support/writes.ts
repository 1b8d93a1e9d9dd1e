// Which requests of an audit log changed something. Pure.

import type { AuditEvent } from '../../../bench/audit.ts';

const verbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Granted, and more than a question: those about rights are sent as creations, too. */
export function isWrite({ verb, code, resource = '' }: AuditEvent): boolean {
  return verbs.has(verb) && code < 300 && !resource.endsWith('reviews');
}

export function firstWrite(requests: readonly AuditEvent[]): AuditEvent | undefined {
  return requests.find(isWrite);
}

export function describeWrite({ receivedAt, verb, resource, namespace, name, userAgent }: AuditEvent): string {
  return `${new Date(receivedAt).toISOString()} ${verb} ${resource} ${namespace ?? ''}/${name ?? ''} (${userAgent.split(' ')[0]})`;
}
