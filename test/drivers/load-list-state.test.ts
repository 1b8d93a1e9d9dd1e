// What the words of a job list amount to. Everything but a complete, well-ended list of our own jobs is a failure.

import { describe, expect, test } from 'vitest';
import { stateOf, type JobList } from '../../src/drivers/load/list-state.ts';

const handle = { id: '7', statusBefore: 'Created', jobs: ['Cities', 'Countries'] };
const well = [
  { description: 'Cities', jobExitCode: 'COMPLETED' },
  { description: 'Countries', jobExitCode: 'COMPLETED' },
];

function state(list: Partial<JobList>): string {
  const result = stateOf({ id: '7', status: 'Completed', jobConfigurations: well, ...list }, handle, 'harvest');
  return result.state === 'failed' ? result.failures.map(({ job, reason }) => `${job} ${reason}`).join('; ') : result.state;
}

test('a completed list whose jobs all ended well is a success, in whatever order they are listed', () => {
  expect(state({})).toBe('succeeded');
  expect(state({ jobConfigurations: well.toReversed() })).toBe('succeeded');
});

test('the id may be called identifier', () => {
  expect(stateOf({ identifier: '7', status: 'Completed', jobConfigurations: well }, handle, 'harvest').state).toBe('succeeded');
});

describe('a completed list fails', () => {
  test.each([
    ['ERROR', 'Cities ended with ERROR'],
    ['FAILED', 'Cities ended with FAILED'],
    ['COMPLETED_WITH_ERRORS', 'Cities ended with COMPLETED_WITH_ERRORS'],
    ['UNKNOWN', 'Cities ended with UNKNOWN'],
    ['EXECUTING', 'Cities ended with EXECUTING'],
    ['SKIPPED', 'Cities ended with SKIPPED'],
    [1, 'Cities ended with 1'],
    ['2', 'Cities ended with 2'],
    [null, 'Cities has no exit code'],
    [undefined, 'Cities has no exit code'],
    ['', 'Cities has no exit code'],
  ])('on the exit code %j', (jobExitCode, reason) => {
    expect(state({ jobConfigurations: [{ description: 'Cities', jobExitCode }, well[1] ?? {}] })).toBe(reason);
  });

  test('with what the harvester says about the job', () => {
    const job = { description: 'Cities', jobExitCode: 'ERROR', message: 'no such host' };
    expect(state({ jobConfigurations: [job, well[1] ?? {}] })).toBe('Cities ended with ERROR: no such host');
  });

  test('naming every failed job, not only the first', () => {
    const jobConfigurations = well.map(({ description }) => ({ description, jobExitCode: 'ERROR' }));
    expect(state({ jobConfigurations })).toBe('Cities ended with ERROR; Countries ended with ERROR');
  });

  test.each([
    ['a job is missing', well.slice(0, 1), 'Countries is missing from the Completed list 7'],
    ['a job is there that nobody submitted', [...well, { description: 'Roads', jobExitCode: 'COMPLETED' }], 'Roads is in the Completed list 7, but was not submitted'],
    ['a job is there twice', [...well, ...well.slice(0, 1)], 'Cities is in the Completed list 7, but was not submitted'],
    ['it has no jobs', [], 'harvest list 7 is Completed without any job'],
    ['its jobs are not told', null, 'harvest list 7 is Completed without any job'],
  ])('when %s', (_, jobConfigurations, reason) => {
    expect(state({ jobConfigurations })).toBe(reason);
  });

  test('when it is the list of somebody else, however well that ended', () => {
    expect(state({ id: '8' })).toBe('harvest the harvester answers with list 8, not with list 7 of this run');
  });
});

describe('any other status', () => {
  test.each(['Created', 'Queued', 'Running', 'Pending', 'Suspended', 'Sending', null, undefined])('such as %j is waited for', (status) => {
    expect(state({ status })).toBe('running');
  });

  test.each(['Failed', 'COMPLETED', 'completed', 'CompletedWithErrors', 'Aborted', 'Cancelled', 'Stopped', 'Finished', 'Done', 'Ended', 'ERROR', 'Timed out'])(
    'that sounds final, such as %s, is a failure and never a success',
    (status) => {
      expect(state({ status })).toBe(`harvest list 7 has ended as ${status}, not as Completed`);
    },
  );
});

test('exit codes that are not known as bad, and 0, are good', () => {
  for (const jobExitCode of ['COMPLETED', 'SUCCESS', 'OK', 0, '0']) {
    expect(state({ jobConfigurations: well.map(({ description }) => ({ description, jobExitCode })) })).toBe('succeeded');
  }
});
