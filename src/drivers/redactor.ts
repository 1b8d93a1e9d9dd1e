// Takes secrets out of what other programs say, before anybody sees it. Pure; takes no longer than its bound, whatever they say.

/** Of letters compared: a third of a second, three at worst. Five megabytes of an error and fifteen thousand texts of values took twenty. */
const mostWork = 1e9;
/** A search skips most letters; in texts that were made to be searched slowly it compares one in so many of each with each. */
const oftenCompared = 16;

/**
 * Replaces the longest secrets first, so that one which contains another leaves no rest. What would take too long to search is not shown:
 * its beginning could end within a secret.
 */
export function redactor(secrets: readonly string[], instead = '[secret]'): (text: string) => string {
  const known = secrets.filter((secret) => secret !== '').toSorted((left, right) => right.length - left.length);
  return (text) => {
    const possible = known.filter((secret) => secret.length <= text.length);
    const work = possible.reduce((sum, secret) => sum + text.length * Math.max(1, secret.length / oftenCompared), 0);
    if (work > mostWork) return `(${text.length} characters, not shown: they may hold one of ${known.length} texts that are not to be told)`;
    return possible.reduce((rest, secret) => rest.replaceAll(secret, instead), text);
  };
}
