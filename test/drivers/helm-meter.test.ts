// How much memory and time Helm gets, with a helm that is only noted; that it holds is shown by the hostile charts.

import { describe, expect, it } from 'vitest';
import { helmMeter, type HelmMeter } from '../../src/drivers/helm/meter.ts';
import { helmCli, helmEnvironment } from '../../src/drivers/helm/helm-cli.ts';
import type { ReleaseRequest } from '../../src/drivers/helm/helm.ts';
import { ProcessError, type Command, type ProcessResult } from '../../src/drivers/process.ts';

const mebibyte = 1024 * 1024;
const chart = { directory: '/charts/portal', name: 'portal', version: '1.2.3', origin: './chart', identity: 'sha256:0' };
const request: ReleaseRequest = { name: 'prod-2hpwr', namespace: 'prod-2hpwr', chart, values: [], signal: new AbortController().signal };

interface Noted {
  readonly commands: Command[];
  readonly run: (command: Command) => Promise<ProcessResult>;
}

/** What each further start reserves; an Error is how it fails. */
function helmThatReserves(...answers: readonly (number | undefined | Error)[]): Noted {
  return helmThatTakes(undefined, ...answers);
}

function helmThatTakes(cpuMs: number | undefined, ...answers: readonly (number | undefined | Error)[]): Noted {
  const commands: Command[] = [];
  const run = async (command: Command): Promise<ProcessResult> => {
    const answer = answers[commands.length];
    commands.push(command);
    if (answer instanceof Error) throw answer;
    return { stdout: 'v4.2.3', stderr: '', exitCode: 0, reservedBytes: answer, cpuMs };
  };
  return { commands, run };
}

function meterOf({ run }: Noted): HelmMeter {
  return helmMeter({ run, file: 'helm', env: {}, timeoutMs: 1_000 });
}

describe('the memory that a chart may take', () => {
  it('is counted from what this very Helm takes without any chart', async () => {
    const helm = helmThatReserves(1_289 * mebibyte);
    const { limits } = await meterOf(helm).rendering(0);
    expect(helm.commands).toMatchObject([{ file: 'helm', args: ['version', '--short'], isMeasured: true }]);
    expect(limits).toEqual({ reservedBytes: 1_289 * mebibyte, memoryBytes: 80 * mebibyte, cpuSeconds: 3, outputBytes: 6 * mebibyte, patience: { afterMs: 2_000, cpuMs: 500 } });
  });

  it('is measured once, and not at all when the version was asked for before', async () => {
    const helm = helmThatReserves(1_289 * mebibyte);
    const meter = meterOf(helm);
    await meter.version();
    await meter.rendering(0);
    await meter.installing();
    expect(helm.commands).toHaveLength(1);
  });

  it('is less for rendering, which comes first, than for installing, which has to talk to the cluster as well', async () => {
    const meter = meterOf(helmThatReserves(1));
    const [rendering, installing] = [await meter.rendering(0), await meter.installing()];
    expect(rendering.limits?.memoryBytes).toBeLessThan(installing.limits?.memoryBytes ?? 0);
    // Installing waits for hooks, and may take its time.
    expect(installing.limits).not.toHaveProperty('cpuSeconds');
  });

  it('is enough for large charts because garbage is collected early', () => {
    expect(helmEnvironment).toMatchObject({ GOMEMLIMIT: '48MiB', GOGC: '50' });
  });

  it('is bounded even where the system does not tell what was reserved', async () => {
    expect((await meterOf(helmThatReserves(undefined)).rendering(0)).limits?.reservedBytes).toBe(1_500 * mebibyte);
  });

  it('is measured again after Helm could not be started', async () => {
    const missing = new ProcessError('notInstalled', { attempted: 'helm version', detail: 'there is no program helm in PATH', exitCode: undefined, stdout: '', stderr: '' });
    const meter = meterOf(helmThatReserves(missing, 1_289 * mebibyte));
    await expect(meter.rendering(0)).rejects.toBe(missing);
    expect((await meter.rendering(0)).limits?.reservedBytes).toBe(1_289 * mebibyte);
  });

  it('is measured again when nobody saw the runtime stand, as on a busy machine: with less than that Helm would not start', async () => {
    const helm = helmThatReserves(94 * mebibyte, undefined, 1_289 * mebibyte);
    expect((await meterOf(helm).rendering(0)).limits?.reservedBytes).toBe(1_289 * mebibyte);
    expect(helm.commands).toHaveLength(3);
  });

  it('is the usual amount when it could not be seen three times', async () => {
    const helm = helmThatReserves(94 * mebibyte, 94 * mebibyte, 94 * mebibyte, 94 * mebibyte);
    const meter = meterOf(helm);
    await meter.rendering(0);
    expect((await meter.installing()).limits?.reservedBytes).toBe(1_500 * mebibyte);
    expect(helm.commands).toHaveLength(3);
  });

  it('binds every rendering, and is shared by all that use the same program', async () => {
    const helm = helmThatReserves(1_289 * mebibyte);
    const meter = meterOf(helm);
    const [own, installer] = [helmCli({ ...helm, timeoutMs: 1_000, meter }), helmCli({ ...helm, timeoutMs: 1_000, meter, account: async () => ({ env: {}, secrets: [] }) })];
    await own.render(request).catch(() => undefined);
    await installer.install(request);
    expect(helm.commands.map(({ args, limits }) => [args[0], limits?.memoryBytes])).toEqual([['version', undefined], ['template', 80 * mebibyte], ['install', 144 * mebibyte]]);
  });

  it('does not bind an installation with the caller’s own kubeconfig: what signs in there is started by Helm, and would have to keep to it', async () => {
    const helm = helmThatReserves(1_289 * mebibyte);
    await helmCli({ ...helm, timeoutMs: 1_000 }).install(request);
    expect(helm.commands.map(({ args, limits }) => [args[0], limits])).toEqual([['install', undefined]]);
  });
});

describe('the time that a chart may take, of a machine that gives Helm enough of its processor', () => {
  const patienceOf = async (startMs: number | undefined, inputBytes: number) => (await meterOf(helmThatTakes(startMs, 1_289 * mebibyte)).rendering(inputBytes)).limits?.patience;

  it.each([
    ['is little for a small chart', { startMs: 60, inputBytes: 10_000, cpuMs: 510 }],
    ['is more for one that has more in it', { startMs: 60, inputBytes: 2 * mebibyte, cpuMs: 2_500 }],
    ['is more on a slower processor, as this very Helm took longer to start', { startMs: 180, inputBytes: 2 * mebibyte, cpuMs: 7_500 }],
    ['is not less on a faster one', { startMs: 20, inputBytes: 2 * mebibyte, cpuMs: 2_500 }],
    ['is the usual where the system does not tell', { startMs: undefined, inputBytes: 0, cpuMs: 500 }],
  ])('%s', async (_, { startMs, inputBytes, cpuMs }) => {
    expect(await patienceOf(startMs, inputBytes)).toEqual({ afterMs: 2_000, cpuMs });
  });

  it('counts the chart and its values', async () => {
    const helm = helmThatTakes(60, 1_289 * mebibyte);
    const values = [{ text: 'x'.repeat(mebibyte) }];
    await helmCli({ ...helm, timeoutMs: 1_000 }).render({ ...request, values, chart: { ...chart, bytes: mebibyte } }).catch(() => undefined);
    expect(helm.commands[1]?.limits?.patience?.cpuMs).toBe(2_500);
  });
});
