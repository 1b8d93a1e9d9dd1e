// How far this clock and the API server's are apart, from one question and its answer. Pure.

import { describeDuration } from '../report/text.ts';
import { ok, trouble, type Finding } from './finding.ts';

export interface ClockReading {
  /** By this clock, milliseconds since 1970: just before the question, and just after the answer. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** By the server's clock, cut to the second (HTTP header Date, RFC 9110 section 6.6.1). */
  readonly serverTime: number;
}

const resolutionMs = 1_000;
const warnAboveMs = 2_000;
const failAboveMs = 30_000;

/** Positive: this clock is ahead. The least that it can be: neither the way nor the cut-off second is counted against it. */
export function certainSkewMs({ askedAt, answeredAt, serverTime }: ClockReading): number {
  const atLeast = askedAt - (serverTime + resolutionMs);
  const atMost = answeredAt - serverTime;
  if (atLeast > 0) return atLeast;
  return atMost < 0 ? atMost : 0;
}

export function judgeClock(reading: ClockReading): Finding {
  const skewMs = certainSkewMs(reading);
  const apart = Math.abs(skewMs);
  if (apart <= warnAboveMs) return ok('clock', 'this clock and the API server’s agree');
  const found = [`this clock is at least ${describeDuration(apart)} ${skewMs > 0 ? 'ahead of' : 'behind'} the API server’s`];
  const remedy = 'Let both machines keep time by NTP: ages, minInterval and tokens are reckoned by both clocks';
  return trouble('clock', { verdict: apart > failAboveMs ? 'failed' : 'warning', found, remedy });
}
