// The schemas that a chart checks its values with: Helm follows their references, also to files of this machine. Pure.

/**
 * The first `$ref` in the JSON Schema `text` that leads to a file outside of the chart, or undefined. A reference within
 * the schema, to a file beside it, or to the web (as published charts have them) is fine; so is a text that is no JSON:
 * Helm refuses that by itself.
 */
export function strayReference(text: string): string | undefined {
  let stray: string | undefined;
  const look = (key: string, value: unknown): unknown => {
    if (['$ref', '$dynamicRef', '$schema', '$id'].includes(key) && typeof value === 'string' && isStray(value)) stray ??= value;
    return value;
  };
  try {
    JSON.parse(text, look);
  } catch {
    return undefined;
  }
  return stray;
}

/** Backslashes and percent signs are resolved by some programs and not by others. */
function isStray(reference: string): boolean {
  const [path = ''] = reference.split('#', 1);
  if (/^https?:\/\//i.test(path)) return false;
  return /^[a-z][a-z0-9+.-]*:|^\/|\\|%|(^|\/)\.\.(\/|$)/i.test(path);
}
