// Helm values: several layers made one. Pure.

type Values = Readonly<Record<string, unknown>>;

/** As Helm merges repeated `-f` (pkg/cli/values): mappings key by key, everything else by replacement; null is kept, it unsets defaults. */
export function mergeValues(layers: readonly Values[]): Values {
  const [only, ...others] = layers;
  if (only !== undefined && others.length === 0) return only;
  // Each layer is looked at once: to merge two at a time would copy the first as often as there are others.
  const byKey = new Map<string, unknown[]>();
  for (const [key, value] of layers.flatMap((layer) => Object.entries(layer))) {
    const below = byKey.get(key);
    if (below === undefined || !isMapping(value) || !isMapping(below[0])) byKey.set(key, [value]);
    else below.push(value);
  }
  return Object.fromEntries([...byKey].map(([key, values]) => [key, isMapping(values[0]) ? mergeValues(values as Values[]) : values[0]]));
}

function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
