// What one check of the doctor comes to, as data: the same for text, JSON and YAML. Pure.

export type Verdict = 'ok' | 'warning' | 'failed' | 'unknown';

export interface Finding {
  readonly check: string;
  /** failed: a run would be refused or would fail; unknown: this account cannot find it out, which stops no run. */
  readonly verdict: Verdict;
  /** One line each, also when all is well. */
  readonly found: readonly string[];
  /** What to do, as a sentence; not where all is well. */
  readonly remedy?: string;
}

interface Trouble {
  readonly verdict: Exclude<Verdict, 'ok'>;
  readonly found: readonly string[];
  readonly remedy: string;
}

export function ok(check: string, ...found: readonly string[]): Finding {
  return { check, verdict: 'ok', found };
}

export function trouble(check: string, trouble: Trouble): Finding {
  return { check, ...trouble };
}

/** The worst is told by what is found, all of which is told: `failed` when there is any problem. */
export function unless(problems: readonly string[], check: string, { fine, remedy }: { readonly fine: string; readonly remedy: string }): Finding {
  return problems.length === 0 ? ok(check, fine) : trouble(check, { verdict: 'failed', found: problems, remedy });
}
