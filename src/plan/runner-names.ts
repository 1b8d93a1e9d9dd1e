// Names of the objects that make up an installed runner, and of what it makes for itself in its releases. Pure; the chart computes the same.

import { createHash } from 'node:crypto';

/** A CronJob has at most 52 characters, and `-<operation>` comes behind this name. */
const mostCharacters = 41;

/** `changeover-prod`; a longer one is cut and told apart by a hash. The formula is `changeover.name` in `chart/templates/_helpers.tpl`. */
export function runnerName(environment: string): string {
  const name = `changeover-${environment}`;
  if (name.length <= mostCharacters) return name;
  return `${name.slice(0, 32)}-${createHash('sha256').update(environment).digest('hex').slice(0, 8)}`;
}

/** CronJob of an operation. The rebuild's has the runner's own name. */
export function cronJobName(environment: string, operation: string): string {
  return operation === 'rebuild' ? runnerName(environment) : `${runnerName(environment)}-${operation}`;
}

/** ConfigMap of a run's record, in the runner's namespace. The chart's admission policy goes by it. */
export function recordName(environment: string, runId: string): string {
  return `changeover-${environment}-${runId}`;
}

/** In every release's namespace: the account that Helm runs as there, and the binding that lets it. */
export const installerName = 'changeover-installer';

/** In every release's namespace: the runner's own binding. */
export const runnerBindingName = 'changeover-runner';

export interface ClusterRoleNames {
  /** What the runner may do in a namespace of its releases. */
  readonly release: string;
  /** What Helm may do there. */
  readonly installer: string;
  /** What Helm may do outside of namespaces; exists only where the configuration lists it. */
  readonly installerCluster: string;
}

const roleEndings: ClusterRoleNames = { release: '-release', installer: '-installer', installerCluster: '-installer-cluster' };

export function clusterRoleNames(environment: string): ClusterRoleNames {
  const name = runnerName(environment);
  const { release, installer, installerCluster } = roleEndings;
  return { release: name + release, installer: name + installer, installerCluster: name + installerCluster };
}

/**
 * Whether another environment's ClusterRoles could be called like the runner of this one: `prod` has a role `changeover-prod-release`.
 * `changeover.check` in `chart/templates/_checks.tpl` refuses the same.
 */
export function isAmbiguous(environment: string): boolean {
  return Object.values(roleEndings).some((ending) => environment.endsWith(ending));
}

/** ClusterRoleBinding of one release's installer. */
export function clusterBindingName(release: string): string {
  return `${release}-installer`;
}
