// Helm values: several layers made one, and the texts in them that an error must not show. Pure.

type Values = Readonly<Record<string, unknown>>;

/** As Helm merges repeated `-f` (pkg/cli/values): mappings key by key, everything else by replacement; null is kept, it unsets defaults. */
export function mergeValues(layers: readonly Values[]): Values {
  return layers.reduce(mergeTwo, {});
}

function mergeTwo(base: Values, over: Values): Values {
  const merged = Object.entries(over).map(([key, value]) => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isMapping(below) && isMapping(value) ? mergeTwo(below, value) : value] as const;
  });
  return Object.fromEntries([...Object.entries(base), ...merged]);
}

function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Which values came from Secrets is not known here, and Helm quotes values in schema errors: so every text among them counts as a
 * secret, whole, line by line as in YAML, and in Base64, except short ones and those that are part of `harmless` texts such as the release's own name.
 */
export function secretTexts(values: unknown, harmless: readonly string[]): readonly string[] {
  const texts = textsIn(values).flatMap((text) => [text, ...text.split('\n').map((line) => line.trim())]).filter((text) => text.length >= 6 && !harmless.some((known) => known.includes(text)));
  return [...new Set(texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), Buffer.from(text).toString('base64')]))];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
