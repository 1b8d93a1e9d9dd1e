// `cancel` as typed by an operator: what is shown, what is printed, and the exit codes.

import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import { failing } from '../../sim/faults.ts';
import { terminal, type Printed, type Terminal } from './terminal.ts';

// Virtual time passes while modules are loaded for the first time.
beforeAll(() => import('../../src/cli/cancel-command.ts'));

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
  await shell.write('prod.yaml', { runner: { leaseDuration: '3s' } });
  await shell.type('rebuild -f prod.yaml');
});
afterEach(() => shell.close());

/** A rebuild during which this line is typed elsewhere, as soon as this text is told. */
async function during(text: string, line: string): Promise<{ readonly rebuild: Printed; readonly other: Printed | undefined }> {
  let typed: Promise<Printed> | undefined;
  const onTalk = (told: string): void => {
    if (told.includes(text)) typed ??= shell.type(line);
  };
  const rebuild = await shell.type('rebuild -f prod.yaml', { onTalk });
  return { rebuild, other: await typed };
}

it('shows the unwinding and says what has become of it; the run itself ends with 1 and says who asked', async () => {
  shell.world.cluster.behaviours.set('Job/loader', { afterMs: 20_000 });
  const { rebuild, other } = await during('[5/9]', 'cancel -f prod.yaml');
  expect(other).toMatchObject({ exitCode: 0, stdout: 'rebuild 20260101-000014-r0002 is cancelled: no name was moved, and nothing of it is left\n' });
  expect(other?.stderr).toContain('asked host/1 to cancel run 20260101-000014-r0002; it looks at every renewal of its lock, within 1 s');
  expect(other?.stderr).toContain('Undoing: Install the new release');
  expect(rebuild.exitCode).toBe(1);
  expect(rebuild.stderr.slice(rebuild.stderr.indexOf('\nFAILED'))).toMatchInlineSnapshot(`
    "
    FAILED  The run was cancelled

      step        Load the data
      what        somebody asked for it: changeover cancel
      production  untouched: all 2 names point to prod-r0001
      next        Nothing of it is left. When it is wanted after all, start the run again:
                  changeover rebuild -f prod.yaml
    "
  `);
  expect(shell.releases()).toEqual(['prod-r0001']);
});

it('in the drain it says that the names are back; the run ends with 3', async () => {
  const { rebuild, other } = await during('[8/9]', 'cancel -f prod.yaml -o json');
  expect(rebuild.exitCode).toBe(3);
  expect(other?.exitCode).toBe(0);
  expect(JSON.parse(other?.stdout ?? '')).toEqual({
    environment: 'prod',
    result: 'cancelled',
    run: '20260101-000014-r0002',
    operation: 'rebuild',
    outcome: 'restored',
    failure: 'somebody asked for it: changeover cancel',
  });
  expect(shell.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
});

it('past the point of no return the run is completed; that is said, with exit code 5', async () => {
  await shell.write('prod.yaml', { runner: { leaseDuration: '3s' }, deleteExisting: true });
  const { rebuild, other } = await during('[9/9]', 'cancel -f prod.yaml');
  expect(rebuild.exitCode).toBe(0);
  expect(other).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('was not cancelled: it was past the point of no return, and is done') });
});

it('with nothing running it says so, and that is no failure', async () => {
  expect(await shell.type('cancel -f prod.yaml')).toEqual({ exitCode: 0, stdout: 'nothing is running in prod: there is nothing to cancel\n', stderr: '' });
});

it('without waiting it has only asked', async () => {
  shell.world.cluster.behaviours.set('Job/loader', { afterMs: 20_000 });
  const { rebuild, other } = await during('[5/9]', 'cancel --no-wait -f prod.yaml');
  expect(other).toMatchObject({ exitCode: 0, stdout: 'rebuild 20260101-000014-r0002 was asked to be cancelled; see: changeover status -w -f prod.yaml\n' });
  expect(rebuild.exitCode).toBe(1);
});

it('is listed as cancelled afterwards', async () => {
  shell.world.cluster.behaviours.set('Job/loader', { afterMs: 20_000 });
  await during('[5/9]', 'cancel -f prod.yaml');
  const { stdout } = await shell.type('history -f prod.yaml');
  expect(stdout.split('\n').slice(0, 2).join('\n')).toContain('cancelled');
});

it('says that nothing is about to begin only when it could look', async () => {
  const away = new DriverError({ reason: 'unavailable', attempted: 'list jobs', detail: 'connection refused' });
  shell.world.faults = failing(/^cluster\.list jobs/, away, 999);
  expect((await shell.type('cancel -f prod.yaml')).exitCode).toBe(1);
  shell.world.faults = failing(/^cluster\.list jobs/, new DriverError({ reason: 'forbidden', attempted: 'list jobs', detail: 'forbidden' }), 999);
  expect(await shell.type('cancel -f prod.yaml')).toMatchObject({ exitCode: 0, stdout: 'nothing is running in prod: there is nothing to cancel\n' });
});

describe('of a run whose process has died as the public moved', () => {
  beforeEach(async () => {
    let hasDied = false;
    shell.world.faults = () => (hasDied ? 'kill' : undefined);
    const dying = shell.type('rebuild -f prod.yaml', { onTalk: (text) => void (hasDied ||= text.includes('[8/9]')) });
    await Promise.race([dying, shell.world.clock.sleep(120_000)]);
    shell.world.faults = () => undefined;
    expect(shell.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  it('says that it could not, where the API server goes away in the middle, and the same command completes it', async () => {
    let from = Infinity;
    shell.world.faults = ({ driver, at }) => (driver === 'cluster' && at >= from && at < from + 120_000 ? 'errorBefore' : undefined);
    const first = await shell.type('cancel -f prod.yaml', { onTalk: (text) => void (text.includes('Undoing: Move the public names') && (from = shell.world.clock.now())) });
    expect(first).toMatchObject({ exitCode: 75, stdout: '' });
    shell.world.faults = () => undefined;
    await shell.world.clock.sleep(180_000);
    expect(await shell.type('cancel -f prod.yaml')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is cancelled: the names are back where they were') });
    expect(shell.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });

  it('says that it could not, where no name server answers', async () => {
    shell.world.faults = ({ driver }) => (driver === 'dns' ? 'errorBefore' : undefined);
    expect(await shell.type('cancel -f prod.yaml')).toMatchObject({ exitCode: 75, stdout: '' });
  });

  it('a rollback that takes it back says that nothing is left to resume', async () => {
    const { exitCode, stderr } = await shell.type('rollback -f prod.yaml');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Nothing of it is left to resume; see:');
    expect(stderr).not.toContain('The same command resumes it');
  });
});
