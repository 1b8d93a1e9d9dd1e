// Whether the quotas of the live release's namespace would let in a second copy of it.

import { describe, expect, test } from 'vitest';
import { judgeQuotas, type ResourceQuota } from '../../src/doctor/quota.ts';

type Amounts = Readonly<Record<string, string>>;

function quota(name: string, hard: Amounts, used?: Amounts): ResourceQuota {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace: 'prod-aaaaa' }, spec: { hard }, ...(used === undefined ? {} : { status: { used } }) };
}

describe('a second copy', () => {
  test('is let in where there is no quota', () => {
    expect(judgeQuotas('prod-aaaaa', [])).toEqual({ check: 'quota', verdict: 'ok', found: ['no ResourceQuota limits prod-aaaaa'] });
  });

  test('is let in by a quota that allows what the first one uses, to the last of it', () => {
    const found = judgeQuotas('prod-aaaaa', [quota('team', { 'requests.memory': '4Gi', pods: '10' }, { 'requests.memory': '4096Mi', pods: '3' })]);
    expect(found).toEqual({ check: 'quota', verdict: 'ok', found: ['a second copy of prod-aaaaa stays within the same quota: ResourceQuota team: requests.memory 4Gi of 4Gi, ResourceQuota team: pods 3 of 10'] });
  });

  test('is kept out by one that was lowered under what runs: a warning that names it, and nothing that fits', () => {
    const quotas = [quota('team', { 'requests.cpu': '500m', pods: '10' }, { 'requests.cpu': '2', pods: '3' }), quota('claims', { 'requests.storage': '1Gi' }, { 'requests.storage': '8Gi' })];
    expect(judgeQuotas('prod-aaaaa', quotas)).toMatchObject({
      verdict: 'warning',
      found: [
        'ResourceQuota team: requests.cpu 2 of 500m: the same quota would keep a second copy of prod-aaaaa out',
        'ResourceQuota claims: requests.storage 8Gi of 1Gi: the same quota would keep a second copy of prod-aaaaa out',
      ],
    });
  });

  test('is not known to be let in by a quota that was not counted yet: unknown is not room', () => {
    expect(judgeQuotas('prod-aaaaa', [quota('team', { pods: '10' })])).toMatchObject({ verdict: 'unknown', found: ['not counted, or not understood: ResourceQuota team: pods'] });
    expect(judgeQuotas('prod-aaaaa', [quota('team', { pods: 'some' }, { pods: '4' })])).toMatchObject({ verdict: 'unknown' });
  });
});
