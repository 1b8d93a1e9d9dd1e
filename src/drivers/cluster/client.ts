// Connects to a cluster as the kubeconfig or the pod's service account says. The only file that knows the Kubernetes client:
// it takes configuration, authentication, TLS and port-forwarding from it; requests are our own (see transport.ts).

import { existsSync } from 'node:fs';
import { validateHeaderValue, type OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
// Not from the package's index, which loads as much again.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { DriverError } from '../failure.ts';
import type { ApiEndpoint, Cluster, ClusterIdentity } from './cluster.ts';
import { readKubeconfigs, type ReadKubeconfigs } from './kubeconfig.ts';
import { restCluster } from './rest-cluster.ts';
import { watchSilenceMs } from './silence.ts';
import { transport } from './transport.ts';
import { isForwardSocket, openTunnel } from './tunnel.ts';

export interface ConnectOptions {
  /** Of the kubeconfig; default: its current context. */
  readonly context?: string | undefined;
  /** Path of a kubeconfig; default: those of `kubeconfigs`, ~/.kube/config, the pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** Paths, as KUBECONFIG lists them: programs that are started read the same. */
  readonly kubeconfigs?: readonly string[] | undefined;
  readonly requestTimeoutMs?: number;
  readonly watchSilenceMs?: number;
  /** Told of every request before it is sent. */
  readonly onRequest?: ((method: string, path: string) => void) | undefined;
}

export interface ConnectedCluster extends Cluster {
  /**
   * The kubeconfig's context that was chosen, or undefined inside a pod. Programs that read the kubeconfig themselves must be
   * told: somebody may switch its current context during a run.
   */
  readonly context: string | undefined;
  readonly endpoint: ApiEndpoint;
}

/** Reads the configuration; sends nothing yet. Rejects 'notFound' or 'invalid' when there is none to connect with. */
export async function connectCluster(options: ConnectOptions = {}): Promise<ConnectedCluster> {
  const { requestTimeoutMs = 10_000, watchSilenceMs: silenceMs = watchSilenceMs, onRequest } = options;
  const config = load(options);
  const identity = identityOf(config);
  const cluster = restCluster({
    api: transport({
      server: identity.server,
      credentials: () => credentialsOf(config),
      timeoutMs: requestTimeoutMs,
      onRequest,
    }),
    identity,
    watchSilenceMs: silenceMs,
    tunnel: (namespace, pod, port) => {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward`;
      onRequest?.('GET', path);
      return openTunnel({
        attempted: `port-forward ${path} to port ${port}`,
        timeoutMs: requestTimeoutMs,
        forward: async ({ output, errors, input }) => {
          // The library would tell what a credential plug-in printed.
          await credentialsOf(config);
          // Web sockets are loaded for a tunnel alone.
          const { PortForward } = await import('@kubernetes/client-node/dist/portforward.js');
          const socket: unknown = await new PortForward(config).portForward(namespace, pod, [port], output, errors, input);
          if (!isForwardSocket(socket)) throw new TypeError('port-forward without a socket');
          return socket;
        },
      });
    },
  });
  return { ...cluster, context: identity.context, endpoint: endpointOf(config) };
}

function load({ kubeconfig, kubeconfigs, context }: ConnectOptions): KubeConfig {
  const config = new OurConfig();
  const files = filesOf(kubeconfig === undefined ? kubeconfigs : [kubeconfig]);
  try {
    if (files.length === 0) config.loadFromDefault();
    else config.loadFrom(readKubeconfigs(files));
  } catch (error) {
    throw unreadableConfig(files, error);
  }
  if (context !== undefined) select(config, context);
  return config;
}

function filesOf(given: readonly string[] = []): readonly string[] {
  return given.length > 0 ? given : [join(homedir(), '.kube', 'config')].filter((file) => existsSync(file));
}

/** What the library leaves out of requests, of those of tunnels as well. */
class OurConfig extends KubeConfig {
  #impersonated: ReadKubeconfigs['impersonated'] = new Map();

  /** An entry that is not finished is nobody's trouble as long as it is not the one in use. */
  loadFrom({ text, impersonated }: ReadKubeconfigs): void {
    this.loadFromString(text, { onInvalidEntry: 'filter' });
    this.#impersonated = impersonated;
  }

  override async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    await super.applyToHTTPSOptions(options);
    const headers = { ...(options.headers as OutgoingHttpHeaders | undefined), ...this.#impersonated.get(this.getCurrentUser()?.name ?? '') };
    // A token that lies in a file ends as files do (`kubectl create token … > FILE`); client-go trims it as well.
    const token = headers['Authorization'];
    options.headers = typeof token === 'string' ? { ...headers, Authorization: token.trimEnd() } : headers;
  }
}

/** The parser's own message quotes the lines around the fault, and a kubeconfig holds tokens and keys. */
function unreadableConfig(files: readonly string[], error: unknown): DriverError {
  const { code, path } = error as NodeJS.ErrnoException;
  const attempted = `read the kubeconfig ${path ?? files.join(' and ')}`;
  if (code === 'ENOENT') return new DriverError({ reason: 'notFound', attempted, detail: 'there is no such file' });
  if (code === 'EACCES') return new DriverError({ reason: 'forbidden', attempted, detail: 'it may not be read' });
  return new DriverError({ reason: 'invalid', attempted, detail: 'it is not a valid kubeconfig' });
}

function select(config: KubeConfig, context: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    const detail = names.length === 0 ? 'the kubeconfig has no contexts' : `the kubeconfig has: ${names.join(', ')}`;
    throw new DriverError({ reason: 'notFound', attempted: `use the context ${context}`, detail });
  }
  config.setCurrentContext(context);
}

/** Names that the library makes up where there is no kubeconfig. */
const inClusterContext = 'inClusterContext';
const nothingFoundContext = 'loaded-context';

function identityOf(config: KubeConfig): Omit<ClusterIdentity, 'version'> {
  const context = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (context === nothingFoundContext) {
    throw new DriverError({ reason: 'notFound', attempted: 'find a cluster', detail: 'there is no kubeconfig (KUBECONFIG, ~/.kube/config), and this is not a pod' });
  }
  if (!context) throw new DriverError({ reason: 'notFound', attempted: 'find a cluster', detail: 'the kubeconfig has no current context, and none was chosen' });
  if (cluster === null) {
    throw new DriverError({ reason: 'invalid', attempted: `use the context ${context}`, detail: 'the kubeconfig has no such context, or no cluster for it' });
  }
  // The library sends nothing there either, and does not say why.
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify && cluster.proxyUrl === undefined) {
    const detail = `its server ${cluster.server} is asked without TLS, where anybody in between reads the credentials: give it https, or, where that is meant (kubectl proxy), insecure-skip-tls-verify: true`;
    throw new DriverError({ reason: 'invalid', attempted: `use the context ${context}`, detail });
  }
  const inside = context === inClusterContext;
  return { context: inside ? undefined : context, cluster: inside ? undefined : cluster.name, server: cluster.server };
}

function endpointOf(config: KubeConfig): ApiEndpoint {
  const { server = '', caFile, caData, tlsServerName, skipTLSVerify = false, proxyUrl } = config.getCurrentCluster() ?? {};
  const pem = caData === undefined ? undefined : { pem: Buffer.from(caData, 'base64').toString('utf8') };
  return { server, authority: pem ?? (caFile === undefined ? undefined : { file: caFile }), tlsServerName, skipTlsVerify: skipTLSVerify, proxyUrl };
}

/** Asked anew for every request, as tokens expire; the library caches what is costly. */
async function credentialsOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const detail = [`as ${config.getCurrentUser()?.name ?? 'nobody'}, as the kubeconfig says`, missing(error)].flatMap((part) => part ?? []).join(': ');
    throw new DriverError({ reason: 'forbidden', attempted: 'obtain credentials', detail });
  }
  assertSendable(options, config);
  const { agent, ...rest } = options;
  // The library's own agent opens a connection per request; it is needed only where a proxy leads to the server.
  return config.getCurrentCluster()?.proxyUrl === undefined || agent === undefined ? rest : { ...rest, agent };
}

/** A file, or the program of a plug-in. What else goes wrong is not told: the cause may hold what a plug-in printed. */
function missing(error: unknown): string | undefined {
  const { code, syscall = '', path } = error as NodeJS.ErrnoException;
  if (path === undefined || (code !== 'ENOENT' && code !== 'EACCES')) return undefined;
  const what = syscall.startsWith('spawn') ? `the program ${path}` : path;
  return code === 'ENOENT' ? `${what} is not there` : `${what} may not be ${syscall.startsWith('spawn') ? 'run' : 'read'}`;
}

/** Else each request would fail, and seem to be a cluster that does not answer. */
function assertSendable({ headers }: RequestOptions, config: KubeConfig): void {
  try {
    validateHeaderValue('Authorization', (headers as Readonly<Record<string, string>> | undefined)?.['Authorization'] ?? '');
  } catch {
    const detail = `the token of ${config.getCurrentUser()?.name ?? 'nobody'} is none: there are characters in it that cannot be sent, such as a line break`;
    throw new DriverError({ reason: 'forbidden', attempted: 'obtain credentials', detail });
  }
}
