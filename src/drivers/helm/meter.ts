// How much memory and time Helm may take for somebody else's templates: a chart may loop for ever, or double a text until nothing is left.
// Starts Helm only to see what it takes without any chart.

import type { Command, ProcessLimits, ProcessResult, RunProcess } from '../process.ts';
import type { Patience } from '../process-time.ts';

export interface HelmMeter {
  version(): Promise<ProcessResult>;
  /** For `helm template`: it only renders. `inputBytes`: of the chart and its values. */
  rendering(inputBytes: number): Promise<Partial<Command>>;
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
const forRendering = { memoryBytes: 80 * mebibyte, cpuSeconds: 3, outputBytes: 6 * mebibyte } as const;

/**
 * What it prints is read afterwards, for which half of five seconds is left. Of the clock, where Helm gets enough of the processor: honest
 * charts need less of it than this, which is 1 s for each megabyte of chart and values, and half a second for what needs no input. Measured with Helm 4.2.3: 40 Deployments of 0.3 MB 0.3 s, 100 of 0.7 MB
 * with `tpl` in each 0.8 s, 300 of 1.8 MB 0.7 s, 500 of 4.6 MB 2.5 s, 6 MB of output from nothing 0.6 s.
 */
const patience = { afterMs: 2_000, cpuMs: 500, cpuMsPerMebibyte: 1_000 } as const;

/** Of processor time, that starting this Helm took where the above was measured. A slower processor has more time for all of it. */
const usualStartMs = 60;

/** One stretch more: Helm reads what kinds the cluster has, and packs the release. */
const forInstalling = { memoryBytes: 144 * mebibyte } as const;

/** Where it cannot be measured: what Go 1.26 reserves, and some 200 MiB that an older or a newer one may need. */
const usualReserve = 1_500 * mebibyte;

/** Below what any Go reserves: seen before its runtime stood. With such a limit Helm would not even start. */
const leastReserve = 1_000 * mebibyte;

const mostStarts = 3;

/** One for all that use the same program: it is measured once. */
export function helmMeter({ run, file, env, timeoutMs }: HelmMeterOptions): HelmMeter {
  let reserved: number | undefined;
  let startMs = 0;
  let started = 0;

  async function version(): Promise<ProcessResult> {
    started += 1;
    const asked = await run({ file, args: ['version', '--short'], env, timeoutMs, isMeasured: true });
    startMs ||= asked.cpuMs ?? 0;
    if ((asked.reservedBytes ?? 0) >= leastReserve) reserved ??= asked.reservedBytes;
    return asked;
  }

  /** A busy machine may not have looked often enough the first time. */
  async function within(limits: Omit<ProcessLimits, 'reservedBytes'>): Promise<ProcessLimits> {
    while (reserved === undefined && started < mostStarts) await version();
    return { ...limits, reservedBytes: reserved ?? usualReserve };
  }

  /** Only once Helm was started. */
  function patienceFor(inputBytes: number): Patience {
    const slowness = Math.max(1, startMs / usualStartMs);
    return { afterMs: patience.afterMs, cpuMs: Math.round(slowness * (patience.cpuMs + (patience.cpuMsPerMebibyte * inputBytes) / mebibyte)) };
  }

  return {
    version,
    rendering: async (inputBytes) => {
      const limits = await within(forRendering);
      return { limits: { ...limits, patience: patienceFor(inputBytes) } };
    },
    installing: async () => ({ limits: await within(forInstalling) }),
  };
}
