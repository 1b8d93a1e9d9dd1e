// Helm through its own program: installs, renders, tests and removes. Never waits for objects, never prints values.

import * as z from 'zod';
import { DriverError } from '../failure.ts';
import { secretTexts } from '../secret-texts.ts';
import { ProcessError, type Command, type ProcessResult, type RunProcess } from '../process.ts';
import { clusterArguments, findArguments, installArguments, listArguments, manifestArguments, renderArguments, testArguments, uninstallArguments, type ClusterFlags } from './arguments.ts';
import type { HelmAccountOf } from './account.ts';
import { chartFetcher } from './chart.ts';
import type { Helm, HelmRelease, ReleaseRequest } from './helm.ts';
import { parseManifest } from './manifest.ts';
import { helmError } from './messages.ts';
import { helmMeter, type HelmMeter } from './meter.ts';
import { onlyLogsAreMissing, testFailure } from './test-outcome.ts';
import { mergeValues } from './values.ts';

export interface HelmCliOptions extends ClusterFlags {
  readonly run: RunProcess;
  /** For Helm itself: rendering, creating, removing, and for each hook. */
  readonly timeoutMs: number;
  /** The program. Default `helm`, found by PATH. */
  readonly file?: string;
  /** Where fetched charts are unpacked; a fresh folder for temporary files unless given. */
  readonly workDirectory?: string | undefined;
  /** Whom Helm talks to the cluster as; default: whom the kubeconfig or the pod says. */
  readonly account?: HelmAccountOf;
  /** Of the same program, when another driver uses it as well; one of its own unless given. */
  readonly meter?: HelmMeter;
}

/** Whatever the user's shell says: no other cluster, no other account, and no `--debug`, which has printed secrets (helm#31428). */
export const helmEnvironment = {
  // Rather collect garbage than grow: a pod has room for one Helm, not for two, and what it may take of a chart's has an end.
  GOMEMLIMIT: '48MiB',
  GOGC: '50',
  HELM_DEBUG: 'false',
  HELM_NAMESPACE: '',
  HELM_KUBECONTEXT: '',
  HELM_KUBEAPISERVER: '',
  HELM_KUBETOKEN: '',
  HELM_KUBEASUSER: '',
  HELM_KUBEASGROUPS: '',
} as const;

/** Helm knows best why it gave up: let its own time-out come first. */
const graceMs = 30_000;

export function helmCli(options: HelmCliOptions): Helm {
  const { run, timeoutMs, file = 'helm' } = options;
  const { meter = helmMeter({ run, file, env: helmEnvironment, timeoutMs }) } = options;
  const plain = (args: readonly string[], rest: Partial<Command> = {}): Promise<ProcessResult> =>
    run({ file, args, env: helmEnvironment, timeoutMs: timeoutMs + graceMs, ...rest });
  const withAccount = async (namespace: string, args: readonly string[], rest: Partial<Command> = {}): Promise<ProcessResult> => {
    const whole = [...args, ...clusterArguments(options)];
    const account = await options.account?.(namespace, rest.timeoutMs ?? timeoutMs + graceMs);
    if (account === undefined) return plain(whole, rest);
    return plain(whole, { ...rest, env: { ...helmEnvironment, ...account.env }, secrets: [...(rest.secrets ?? []), ...account.secrets] });
  };
  const helm = (namespace: string, args: readonly string[], rest?: Partial<Command>): Promise<string> => explained(withAccount(namespace, args, rest));

  return {
    chart: chartFetcher({ ...options, file, env: helmEnvironment }),

    async version() {
      const { stdout } = await meter.version();
      const version = /v\d+\.\d+\.\d+[-.\w]*/.exec(stdout)?.[0];
      if (version === undefined) throw new DriverError({ reason: 'unreadable', attempted: `${file} version`, detail: stdout.slice(0, 200) });
      return version;
    },

    async render(request) {
      const given = withValues(request);
      const limits = await meter.rendering((request.chart.bytes ?? 0) + (given.input?.length ?? 0));
      const rendered = await explained(plain([...renderArguments(request), ...clusterArguments(options)], { ...given, ...limits }));
      return parseManifest(rendered, `helm template ${request.name}`);
    },

    async find(name, namespace) {
      const listed = releasesIn(await helm(namespace, findArguments(name, namespace)), namespace);
      return listed.find((release) => release.name === name);
    },

    async list(namespace) {
      return releasesIn(await helm(namespace, listArguments(namespace)), namespace);
    },

    async manifest(name, namespace) {
      return parseManifest(await helm(namespace, manifestArguments(name, namespace)), `helm get manifest ${name}`);
    },

    async install(request) {
      // A kubeconfig may name a program that signs in, which Helm starts: it may be one that reserves more than Helm.
      const limits = options.account === undefined ? {} : await meter.installing();
      await helm(request.namespace, installArguments(request, timeoutMs), { ...withValues(request), ...limits });
    },

    async test(name, namespace, { timeoutMs: testTimeoutMs, signal }) {
      try {
        await withAccount(namespace, testArguments(name, namespace, testTimeoutMs), { signal, timeoutMs: testTimeoutMs + graceMs });
      } catch (error) {
        if (!(error instanceof ProcessError)) throw error;
        if (!onlyLogsAreMissing(error)) throw testFailure(error) ?? helmError(error);
      }
    },

    async uninstall(name, namespace, { signal }) {
      await helm(namespace, uninstallArguments(name, namespace, timeoutMs), { signal });
    },
  };
}

async function explained(ended: Promise<ProcessResult>): Promise<string> {
  try {
    return (await ended).stdout;
  } catch (error) {
    throw helmError(error);
  }
}

function withValues({ values, name, namespace, chart, signal }: ReleaseRequest): Partial<Command> {
  const harmless = [name, namespace, chart.directory, chart.name, chart.version];
  return { input: JSON.stringify(mergeValues(values)), secrets: secretTexts(values, harmless), signal };
}

const releases = z.array(z.looseObject({ name: z.string(), namespace: z.string(), status: z.string(), revision: z.coerce.number().int() }));

/** Helm prints `[]` for none; anything that is not a list is not "none". */
function releasesIn(stdout: string, namespace: string): readonly HelmRelease[] {
  const listed = releases.safeParse(parsedJson(stdout));
  if (!listed.success) throw new DriverError({ reason: 'unreadable', attempted: `helm list in ${namespace}`, detail: stdout.slice(0, 200) });
  const own = listed.data.filter((release) => release.namespace === namespace);
  return own.map(({ name, status, revision }) => ({ name, namespace, status, revision }));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
