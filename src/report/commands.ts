// Commands of this program as texts to copy: with the files and the context that the present one was given.

export interface Invocation {
  /** As this program was called: `kubectl changeover`. Default: `changeover`. */
  readonly program?: string | undefined;
  readonly files: readonly string[];
  readonly context?: string | undefined;
}

export interface Facts {
  /** What was being run: to start it again is the next command. */
  readonly operation?: string | undefined;
  readonly environment?: string | undefined;
  readonly release?: string | undefined;
  readonly run?: string | undefined;
}

/** `changeover status -w -f config/prod.yaml` */
export function commandLine(words: string, { files, context, program = 'changeover' }: Invocation): string {
  const options = [...files.flatMap((file) => ['-f', quoted(file)]), ...(context === undefined ? [] : ['--context', quoted(context)])];
  return [program, words, ...options].join(' ');
}

/** An advice of the catalogue with its placeholders filled in, and its commands completed. */
export function completed(advice: string, facts: Facts, invocation: Invocation): string {
  const again = facts.operation === undefined ? advice : advice.replace(/(start the run|try) again$/, (words) => `${words}: changeover ${facts.operation}`);
  const filled = again.replaceAll(/\{(environment|release|run)\}/g, (whole, key: keyof Facts) => facts[key] ?? whole.slice(1, -1).toUpperCase());
  return filled.replaceAll(/\bchangeover ((?:status|cancel|trigger|logs|plan|diagnose|history|rollback|validate|rebuild|rehearse|prune|lock|adopt|doctor|cancel)(?: (?!-f\b)[-\w]+)*)(?: -f FILE)?/g, (_, words: string) => commandLine(words, invocation));
}

/** A sentence, and the command that it ends with, if it does: `Look closer with: changeover …`. */
export function splitAdvice(advice: string): { readonly text: string; readonly command: string } {
  const match = /^(.*): ((?:changeover|kubectl|helm) .*)$/s.exec(advice);
  return match === null ? { text: advice, command: '' } : { text: `${match[1]}:`, command: match[2] ?? '' };
}

function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
