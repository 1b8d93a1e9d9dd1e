// How much memory Helm may take for somebody else's templates: a chart may loop for ever, or double a text until nothing is left.
// Starts Helm only to see what it takes without any chart.

import type { Command, ProcessLimits, ProcessResult, RunProcess } from '../process.ts';

export interface HelmMeter {
  version(): Promise<ProcessResult>;
  /** For `helm template`: it only renders. */
  rendering(): Promise<Partial<Command>>;
  /** For `helm install`: it renders again, and another text perhaps, as it may ask the cluster now. */
  installing(): Promise<Partial<Command>>;
}

export interface HelmMeterOptions {
  readonly run: RunProcess;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

const mebibyte = 1024 * 1024;

/**
 * Go's heap grows by stretches of 64 MiB: there is room for one more than Helm begins with, and for threads. What Helm stores of a
 * release must fit into a Secret (1 MiB, packed), so that one of six megabytes is rare; it gets through, where garbage is collected early.
 */
const forRendering = { memoryBytes: 80 * mebibyte, cpuSeconds: 4, outputBytes: 6 * mebibyte } as const;

/** One stretch more: Helm reads what kinds the cluster has, and packs the release. */
const forInstalling = { memoryBytes: 144 * mebibyte } as const;

/** Where it cannot be measured: what Go 1.26 reserves, and some 200 MiB that an older or a newer one may need. */
const usualReserve = 1_500 * mebibyte;

/** One for all that use the same program: it is measured once. */
export function helmMeter({ run, file, env, timeoutMs }: HelmMeterOptions): HelmMeter {
  let reserved: Promise<number> | undefined;

  function version(): Promise<ProcessResult> {
    const asked = run({ file, args: ['version', '--short'], env, timeoutMs, isMeasured: true });
    reserved ??= asked.then(({ reservedBytes }) => reservedBytes ?? usualReserve);
    // Who needs it asks again, and is told why it fails.
    reserved.catch(() => (reserved = undefined));
    return asked;
  }

  async function within(limits: Omit<ProcessLimits, 'reservedBytes'>): Promise<ProcessLimits> {
    if (reserved === undefined) await version();
    return { ...limits, reservedBytes: (await reserved) ?? usualReserve };
  }

  return {
    version,
    rendering: async () => ({ limits: await within(forRendering) }),
    installing: async () => ({ limits: await within(forInstalling) }),
  };
}
