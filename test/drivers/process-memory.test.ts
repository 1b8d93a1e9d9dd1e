// What is told of a started program's memory and time, with real small programs and with numbers as Helm gave them.

import { describe, expect, it } from 'vitest';
import { startingSize } from '../../src/drivers/process-memory.ts';
import { runProcess, type Command } from '../../src/drivers/process.ts';

const mebibyte = 1024 * 1024;

function inMebibytes(looks: readonly number[]): number | undefined {
  const size = startingSize(looks.map((look) => look * mebibyte));
  return size === undefined ? undefined : size / mebibyte;
}

describe('what a program takes before it has any work', () => {
  it('is what it had as soon as its runtime stood', () => {
    expect(inMebibytes([94, 1288, 1288, 1289, 1293, 1293])).toBe(1288);
  });

  it('leaves out a second stretch of heap, which only one of five Helms takes', () => {
    expect(inMebibytes([94, 1288, 1288, 1356, 1356])).toBe(1288);
  });

  it('is not what it had while its runtime still reserved', () => {
    expect(inMebibytes([0.004, 94, 700, 1288, 1289, 1289])).toBe(1288);
  });

  it('is unknown when nobody looked often enough to tell that it stood', () => {
    expect(inMebibytes([94, 700, 700])).toBeUndefined();
    expect(inMebibytes([1293])).toBeUndefined();
  });

  it('is unknown, not nothing, when nobody could look', () => {
    expect(startingSize([])).toBeUndefined();
  });
});

describe.runIf(process.platform === 'linux')('a started program', () => {
  const cat = (file: string): Command => ({ file: 'sh', args: ['-c', `read line; exec cat ${file}`], input: 'go\n', timeoutMs: 20_000 });

  it('is what the kernel ends first when no memory is left, not the one that started it', async () => {
    expect((await runProcess(cat('/proc/self/oom_score_adj'))).stdout).toBe('1000');
  });

  it('is measured where that is asked for, and only there', async () => {
    const script = `const cpu = () => { const { user, system } = process.cpuUsage(); return user + system; }; while (cpu() < 3e5); const at = require('fs').readFileSync('/proc/self/status', 'utf8'); console.log(/VmPeak:\\s+(\\d+)/.exec(at)[1])`;
    const node: Command = { file: process.execPath, args: ['-e', script], timeoutMs: 20_000 };
    const { stdout, reservedBytes, cpuMs } = await runProcess({ ...node, isMeasured: true });
    expect(reservedBytes).toBeGreaterThan(10 * mebibyte);
    expect(cpuMs).toBeGreaterThan(100);
    expect(reservedBytes).toBeLessThanOrEqual(Number(stdout) * 1_024 + 200 * mebibyte);
    expect(await runProcess(node)).not.toHaveProperty('reservedBytes');
  });
});
