// Runs small real programs (Node itself), because what is promised here is how they end.

import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { ProcessError, runProcess, type Command } from '../../src/drivers/process.ts';

function node(script: string, rest: Partial<Command> = {}): Command {
  return { file: process.execPath, args: ['-e', script], timeoutMs: 20_000, ...rest };
}

async function failure(command: Command): Promise<ProcessError> {
  const error: unknown = await runProcess(command).then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof ProcessError) return error;
  throw new Error(`expected a ProcessError, got ${String(error)}`);
}

/** `Z` has ended and only waits for its parent to notice. */
function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? '?';
  } catch {
    return 'gone';
  }
}

const readInput = `let text = ''; process.stdin.on('data', (part) => text += part).on('end', () => console.log(JSON.stringify(text)));`;

describe('running a program', () => {
  it('gives what it printed on each stream', async () => {
    const result = await runProcess(node(`console.log('out'); console.error('err')`));
    expect(result).toEqual({ stdout: 'out', stderr: 'err', exitCode: 0 });
  });

  it('hands arguments over as they are: no shell looks at them', async () => {
    const args = ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', '$HOME; echo "x" | cat', '*', "'"];
    const { stdout } = await runProcess({ file: process.execPath, args, timeoutMs: 20_000 });
    expect(JSON.parse(stdout)).toEqual(['$HOME; echo "x" | cat', '*', "'"]);
  });

  it('feeds standard input and closes it, and closes it at once when there is none', async () => {
    expect(await runProcess(node(readInput, { input: 'one\ntwo' }))).toMatchObject({ stdout: '"one\\ntwo"' });
    expect(await runProcess(node(readInput))).toMatchObject({ stdout: '""' });
  });

  it('adds to the environment, and runs in the folder given', async () => {
    const command = node(`console.log(process.env.GREETING, typeof process.env.PATH, process.cwd())`, { env: { GREETING: 'hello' }, cwd: '/' });
    expect(await runProcess(command)).toMatchObject({ stdout: 'hello string /' });
  });

  it('puts it into a process group of its own, so that Ctrl-C in the terminal does not reach it', async () => {
    const { stdout } = await runProcess(node(`console.log(process.pid, require('fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[2])`));
    const [pid, group] = stdout.split(' ');
    expect(group).toBe(pid);
  });
});

describe('a program that fails', () => {
  it('is an error with command, exit code and the end of what it complained about', async () => {
    const error = await failure(node(`console.log('half a result'); console.error('no such chart'); process.exit(3)`));
    expect(error).toBeInstanceOf(DriverError);
    expect(error).toMatchObject({ reason: 'invalid', exitCode: 3, stdout: 'half a result', stderr: 'no such chart', detail: 'exit code 3: no such chart' });
    expect(error.attempted).toContain(process.execPath);
  });

  it('shows only the last lines of long complaints', async () => {
    const error = await failure(node(`for (let i = 1; i <= 500; i++) console.error('line ' + i); process.exitCode = 1`));
    expect(error.detail).toContain('line 500');
    expect(error.detail).not.toContain('line 400\n');
  });

  it('shows no secret: not from its arguments, not from its output', async () => {
    const secret = 'hunter2hunter2';
    const command = node(`console.log('${secret}'); console.error('bad password ${secret}'); process.exit(1)`, { secrets: [secret, ''] });
    const error = await failure(command);
    expect(JSON.stringify([error.message, error.attempted, error.detail, error.stdout, error.stderr, error.stack])).not.toContain(secret);
    expect(error.cause).toBeUndefined();
    expect(error.detail).toBe('exit code 1: bad password [secret]');
  });

  it('is not found when there is no such program', async () => {
    expect(await failure({ file: 'certainly-no-such-program', args: [], timeoutMs: 20_000 })).toMatchObject({ reason: 'notInstalled', exitCode: undefined });
  });

  it('says who did not end it: a signal from elsewhere is worth another try', async () => {
    expect(await failure(node(`process.kill(process.pid, 'SIGKILL')`))).toMatchObject({ reason: 'unavailable', detail: 'ended by SIGKILL, as the system does when no memory is left' });
  });

  it('ends what prints without end', async () => {
    const error = await failure(node(`const part = 'x'.repeat(1 << 20); const more = () => process.stdout.write(part, more); more()`));
    expect(error.reason).toBe('unreadable');
  });
});

describe('a program that takes too long', () => {
  it('is ended, together with what it started', async () => {
    const parent = { file: 'sh', args: ['-c', 'sleep 1000 & echo $!; wait'], timeoutMs: 500 };
    const error = await failure(parent);
    expect(error).toMatchObject({ reason: 'timeout', detail: 'not done after 0.5 s', stdout: expect.stringMatching(/^\d+$/) });
    expect(stateOf(Number(error.stdout))).toMatch(/^(gone|Z)$/);
  });

  it('is not even started when the run was stopped before', async () => {
    const reason = new Error('stopped');
    await expect(runProcess({ file: 'certainly-no-such-program', args: [], timeoutMs: 1, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  /** Whether it had the time for its last words. */
  async function stopped(reason: Error): Promise<boolean> {
    const directory = mkdtempSync(join(tmpdir(), 'changeover-test-'));
    const stop = new AbortController();
    const script = `trap 'echo done > finished; exit 0' TERM; echo > started; while :; do sleep 0.05; done`;
    const started = once(watch(directory), 'change');
    const running = runProcess({ file: 'sh', args: ['-c', script], cwd: directory, timeoutMs: 20_000, signal: stop.signal });
    await started;
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    const isFinished = existsSync(join(directory, 'finished'));
    rmSync(directory, { recursive: true });
    return isFinished;
  }

  it('gets SIGTERM when the run is stopped, may finish, and the run rejects with the reason only then', async () => {
    expect(await stopped(new Error('stopped'))).toBe(true);
  });

  it('is ended at once when the lock is lost: whoever has it now must not meet its last words', async () => {
    expect(await stopped(new Failure('LockLost', { summary: 'another runner has taken it' }))).toBe(false);
  });
});

describe.runIf(process.platform === 'linux')('a program with limits', () => {
  // Node reserves much, and uses little of it.
  const limits = { memoryBytes: 2 ** 30, reservedBytes: 2 ** 36, cpuSeconds: 1, outputBytes: 1_000 };

  it('is ended when it has used up its processor time', async () => {
    const error = await failure({ ...node('for (;;);'), limits });
    expect(error).toMatchObject({ reason: 'invalid', detail: 'the system ended it: more than 1 s of processor time, or no memory left' });
    // On a busy machine a second of processor time takes many of the clock.
  }, 20_000);

  it('is ended when it is still at work after a while, although it had enough of the processor', async () => {
    const error = await failure({ ...node('for (;;);'), limits: { ...limits, cpuSeconds: 60, patience: { afterMs: 10, cpuMs: 100 } } });
    expect(error).toMatchObject({ reason: 'invalid', detail: 'it was still at work after 0.01 s, with more than 0.1 s of processor time' });
  });

  it('goes on after that while as long as it was only waiting for others', async () => {
    const { stdout } = await runProcess({ ...node(`setTimeout(() => console.log('done'), 100)`), limits: { ...limits, patience: { afterMs: 10, cpuMs: 60_000 } } });
    expect(stdout).toBe('done');
  });

  it('is ended when it prints more than it may', async () => {
    expect(await failure({ ...node(`console.log('x'.repeat(5_000))`), limits })).toMatchObject({ reason: 'unreadable', detail: 'more than 1000 characters of output' });
  });

  it('gets no more memory than it may have, beside what it reserves anyway: also not all at once', async () => {
    const small = { memoryBytes: 2 ** 26, reservedBytes: 2 ** 24 };
    const taking = (size: string): Command => ({ file: 'dd', args: ['if=/dev/zero', 'of=/dev/null', `bs=${size}`, 'count=1'], timeoutMs: 20_000, env: { LC_ALL: 'C' }, limits: small });
    await runProcess(taking('32M'));
    expect((await failure(taking('1G'))).detail).toMatch(/memory exhausted/);
  });

  it.each(['fatal error: runtime: out of memory', 'fatal error: runtime: cannot allocate memory', 'runtime: out of memory: cannot allocate 4194304-byte block (73400320 in use)'])(
    'says that it needed more when it is written in Go and ends with "%s"',
    async (words) => {
      const script = `console.error('${words}\\n\\ngoroutine 1 [running]:'); process.exit(2)`;
      expect(await failure({ ...node(script), limits })).toMatchObject({ reason: 'invalid', detail: 'it needed more than 1024 MiB of memory', stderr: '' });
    },
  );

  it('that has none for its processor time is told apart when the system had no memory for it', async () => {
    const error = await failure({ ...node(`process.kill(process.pid, 'SIGKILL')`), limits: { memoryBytes: 2 ** 30, reservedBytes: 2 ** 36 } });
    expect(error).toMatchObject({ reason: 'invalid', detail: 'the system ended it: no memory was left for it' });
  });

  it('that is not there is told like any other, and one that fails as well', async () => {
    expect(await failure({ file: 'no-such-program', args: [], timeoutMs: 20_000, limits })).toMatchObject({ reason: 'notInstalled' });
    expect(await failure({ ...node('process.exit(3)'), limits })).toMatchObject({ reason: 'invalid', exitCode: 3 });
  });

  it('is the very process that is asked to stop: nothing stands between', async () => {
    const { stdout } = await runProcess({ ...node(`console.log(process.ppid)`), limits });
    expect(Number(stdout)).toBe(process.pid);
  });
});
