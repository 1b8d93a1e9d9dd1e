// The API server's audit log as the referee: who asked what and when, and when the last object became ready. Pure.

export interface AuditEvent {
  readonly id: string;
  readonly verb: string;
  readonly user: string;
  readonly userAgent: string;
  readonly namespace: string | undefined;
  readonly resource: string | undefined;
  readonly subresource: string | undefined;
  readonly name: string | undefined;
  readonly code: number;
  /** Milliseconds since 1970, with the microseconds as a fraction. */
  readonly receivedAt: number;
  readonly answeredAt: number;
}

interface Line {
  readonly auditID: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: { readonly namespace?: string; readonly resource?: string; readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** One event per request; a watch is logged when it begins and when it ends. A last line without its end is left out. */
export function parseAudit(text: string): readonly AuditEvent[] {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = complete.split('\n').filter((line) => line !== '');
  const events = lines.map((line) => eventOf(JSON.parse(line) as Line));
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

function eventOf(line: Line): AuditEvent {
  const { namespace, resource, subresource, name } = line.objectRef ?? {};
  return {
    id: line.auditID,
    verb: line.verb,
    user: line.user.username,
    userAgent: line.userAgent ?? '',
    namespace,
    resource,
    subresource,
    name,
    code: line.responseStatus?.code ?? 0,
    receivedAt: preciseTime(line.requestReceivedTimestamp),
    answeredAt: preciseTime(line.stageTimestamp),
  };
}

/** RFC 3339 with microseconds, of which `Date` keeps the milliseconds only. */
export function preciseTime(text: string): number {
  const [whole = text, fraction = ''] = text.replace(/Z$/, '').split('.');
  return Date.parse(`${whole}Z`) + Number(`0.${fraction}0`) * 1_000;
}

const writes = new Set(['create', 'update', 'patch']);
const judged = new Set(['pods', 'deployments', 'replicasets', 'statefulsets', 'daemonsets', 'services', 'persistentvolumeclaims', 'jobs']);

/** The write that made the last object ready: nothing that readiness is judged by was written between it and `before`. */
export function lastStatusWrite(events: readonly AuditEvent[], { namespace, before }: { readonly namespace: string; readonly before: number }): AuditEvent | undefined {
  const status = events.filter((event) => event.namespace === namespace && event.receivedAt <= before && isStatusWrite(event));
  return status.toSorted((left, right) => left.receivedAt - right.receivedAt).at(-1);
}

function isStatusWrite({ verb, resource = '', subresource, code }: AuditEvent): boolean {
  return writes.has(verb) && code < 300 && subresource === 'status' && judged.has(resource);
}

export interface RequestCount {
  /** Neither watches nor renewals of the lease. */
  readonly requests: number;
  readonly watches: number;
  readonly leaseRenewals: number;
  /** `list pods`: how often; the most frequent first. */
  readonly byKind: readonly (readonly [string, number])[];
}

export function countRequests(events: readonly AuditEvent[]): RequestCount {
  const watches = events.filter(({ verb }) => verb === 'watch');
  const renewals = events.filter(({ verb, resource }) => verb === 'update' && resource === 'leases');
  const others = events.filter((event) => !watches.includes(event) && !renewals.includes(event));
  const groups = [...Map.groupBy(others, kindOf)].map(([kind, members]) => [kind, members.length] as const);
  return { requests: others.length, watches: watches.length, leaseRenewals: renewals.length, byKind: groups.toSorted(([, one], [, other]) => other - one) };
}

function kindOf({ verb, resource = 'other', subresource }: AuditEvent): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** Helm names itself `Helm/4.2.3`. */
export function isOfHelm({ userAgent }: AuditEvent): boolean {
  return userAgent.startsWith('Helm/');
}
