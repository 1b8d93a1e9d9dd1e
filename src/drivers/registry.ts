// The one table of implementations: which driver plays which role for an environment. Loads what is heavy only when it is chosen.

import type { Environment } from '../config/environment.ts';
import { notificationEvents } from '../config/sections/runner.ts';
import type { DnsProvider } from './dns/dns.ts';
import { dnsResolver } from './dns/resolver.ts';
import type { Drivers, Secrets } from './drivers.ts';
import { installerName } from '../plan/runner-names.ts';
import { installerAccount } from './helm/account.ts';
import { helmCli, helmEnvironment } from './helm/helm-cli.ts';
import { helmMeter } from './helm/meter.ts';
import { clusterRoute } from './http/cluster-route.ts';
import { jobDriver } from './load/job.ts';
import { jobListDriver } from './load/job-list.ts';
import { eventNotifier } from './notify/event.ts';
import { webhookNotifier } from './notify/webhook.ts';
import { runProcess } from './process.ts';
import { secretReader } from './secrets.ts';
import { configMapStore } from './store/config-map.ts';
import { leaseStore } from './store/lease.ts';

export interface ConnectDriversOptions {
  /** Of the kubeconfig; default: its current context, or the pod's own account. */
  readonly context?: string | undefined;
  /** Path of a kubeconfig instead of the usual ones. */
  readonly kubeconfig?: string | undefined;
  /** Those that KUBECONFIG lists. */
  readonly kubeconfigs?: readonly string[] | undefined;
  /** For charts that have to be fetched; whoever gives it removes it. */
  readonly workDirectory?: string | undefined;
  /** Told of every request to the API server, before it is sent. */
  readonly onRequest?: ((method: string, path: string) => void) | undefined;
}

/** Reads the kubeconfig and reaches no outside system yet. Rejects with a DriverError when there is no cluster to reach. */
export async function connectDrivers(environment: Environment, options: ConnectDriversOptions = {}): Promise<Drivers> {
  const { connectCluster } = await import('./cluster/client.ts');
  const cluster = await connectCluster(options);
  const secrets = secretReader(cluster);
  const http = clusterRoute({ cluster });
  const place = { namespace: environment.runner.namespace, environment: environment.environment };
  const helm = { workDirectory: options.workDirectory, run: runProcess, timeoutMs: environment.release.timeout };
  const account = installerAccount({ cluster, endpoint: cluster.endpoint, name: installerName, workDirectory: options.workDirectory });
  const meter = helmMeter({ ...helm, file: 'helm', env: helmEnvironment });
  const ownHelm = helmCli({ ...helm, meter, kubeconfig: options.kubeconfig, context: cluster.context });
  return {
    cluster,
    helm: ownHelm,
    // What was planned is what is installed: the chart is fetched once for both.
    helmAsInstaller: { ...helmCli({ ...helm, meter, account }), chart: (source) => ownHelm.chart(source) },
    dns: await connectDns(environment, secrets),
    resolver: dnsResolver(),
    http,
    secrets,
    notifiers: [...connectWebhooks(environment, secrets), { on: notificationEvents, notifier: eventNotifier({ cluster, namespace: place.namespace }) }],
    load: { job: jobDriver(cluster), jobList: jobListDriver({ http, secrets, dataConfig: environment.dataConfig }) },
    records: configMapStore(cluster, place),
    lease: leaseStore(cluster, place),
  };
}

async function connectDns({ dnsProvider, dnsServers, runner }: Environment, secrets: Secrets): Promise<DnsProvider> {
  if ('rfc2136' in dnsProvider) {
    const { rfc2136Provider } = await import('./dns/rfc2136.ts');
    const { server, key } = dnsProvider.rfc2136;
    const readKey = key === undefined ? undefined : () => secrets.read(key, runner.namespace);
    return rfc2136Provider({ server, readKey, dnsServers, run: runProcess });
  }
  const { googleCloudProvider } = await import('./dns/google-cloud.ts');
  const { project, credentials, endpoint } = dnsProvider.googleCloud;
  const readCredentials = credentials === undefined ? undefined : () => secrets.read(credentials, runner.namespace);
  return googleCloudProvider({ project, readCredentials, endpoint, dnsServers });
}

function connectWebhooks({ notify, runner }: Environment, secrets: Secrets): Drivers['notifiers'] {
  return notify.webhooks.map(({ url, events }) => ({ on: events, notifier: webhookNotifier({ readUrl: () => secrets.read(url, runner.namespace) }) }));
}
