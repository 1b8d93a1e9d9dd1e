// Jobs: what counts as done, what never will be.

import { describe, expect, test } from 'vitest';
import { having, judge, pick, scene, type Changes } from './scenes.ts';

function opinionOn(changes: Changes) {
  return judge(having(scene('jobs'), 'Job', { name: 'running', changes }), 'Job', 'running');
}

describe('a Job is done', () => {
  test('when it is complete', () => {
    expect(judge(scene('ready'), 'Job', 'migrate')).toEqual({ state: 'ready', message: 'complete' });
  });

  test('when it is suspended: somebody else will start it', () => {
    expect(judge(scene('ready'), 'Job', 'load')).toEqual({ state: 'ready', message: 'suspended on purpose: nothing to wait for' });
  });

  test('when it is complete although some tries had failed', () => {
    expect(opinionOn({ status: { failed: 3, conditions: [{ type: 'Complete', status: 'True' }] } }).state).toBe('ready');
  });
});

describe('a Job is on its way', () => {
  test('while its pod runs', () => {
    expect(judge(scene('jobs'), 'Job', 'running')).toEqual({ state: 'waiting', message: '0 of 1 completions, 1 active' });
  });

  test('while it has tries left, and they are counted', () => {
    expect(judge(scene('jobs'), 'Job', 'retrying')).toMatchObject({ state: 'waiting', message: '0 of 1 completions, 0 active, 3 failed of 6 tries' });
  });

  test('with Kubernetes’ own number of tries when it names none', () => {
    expect(opinionOn({ spec: { backoffLimit: undefined }, status: { failed: 1 } }).message).toBe('0 of 1 completions, 1 active, 1 failed of 7 tries');
  });

  test('right after it was made, without any status', () => {
    expect(opinionOn({ status: undefined }).state).toBe('waiting');
  });
});

describe('a Job has failed', () => {
  test('when its tries are used up; the log of the failed pod tells why', () => {
    expect(judge(scene('jobs'), 'Job', 'failing')).toEqual({
      state: 'failed',
      message: 'BackoffLimitExceeded: Job has reached the specified backoff limit',
      reason: 'BackoffLimitExceeded',
      since: '2026-11-21T11:26:20Z',
      logOf: { pod: pick(scene('jobs'), 'Pod', 'failing').metadata.name, container: 'main', previous: false },
    });
  });

  test('when its deadline has passed', () => {
    expect(judge(scene('jobs'), 'Job', 'late')).toMatchObject({ state: 'failed', reason: 'DeadlineExceeded' });
  });

  test('as soon as the verdict has fallen, before its last pods are gone', () => {
    const target = { type: 'FailureTarget', status: 'True', reason: 'PodFailurePolicy', message: 'Container main failed with exit code 42' };
    expect(opinionOn({ status: { conditions: [target] } })).toMatchObject({ state: 'failed', reason: 'PodFailurePolicy' });
  });

  test('even if somebody suspends it afterwards', () => {
    const failure = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' };
    expect(opinionOn({ spec: { suspend: true }, status: { conditions: [failure] } }).state).toBe('failed');
  });
});
