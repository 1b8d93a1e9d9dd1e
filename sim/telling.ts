// What a run tells, as one line of a transcript. For whoever reads the story of a seed, not for operators.

import type { ReportedFailure, RunEvent } from '../src/run/events.ts';

export function describeEvent(event: RunEvent): string {
  switch (event.type) {
    case 'runStarted':
      return `run ${event.run} (${event.operation}) ${event.unwinding === true ? 'is unwound' : event.resumed ? 'is resumed' : 'begins'}`;
    case 'stepProgress':
      return `${event.step}: ${[event.message, ...(event.awaited ?? [])].join(', ')}`;
    case 'stepSkipped':
      return `${event.step} is skipped: ${event.reason}`;
    case 'stepFailed':
    case 'undoFailed':
      return `${event.type} ${event.step}: ${describeFailure(event.failure)}`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'runEnded':
      return `the run ends: ${event.outcome}${event.failure === undefined ? '' : `, ${describeFailure(event.failure)}`}`;
    default:
      return `${event.type} ${event.step}`;
  }
}

function describeFailure({ code, facts }: ReportedFailure): string {
  return `${code}, ${facts.summary}`;
}
