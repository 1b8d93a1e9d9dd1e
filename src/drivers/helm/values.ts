// Helm values: several layers made one. Pure.

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
