// Kubernetes quantities: `500m`, `64Gi`, `1.5`, `2e3`. Source: apimachinery `resource.Quantity`.

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

/** In cores, bytes or pieces; undefined when it is no quantity. */
export function parseQuantity(text: string | number | undefined): number | undefined {
  const [, number, suffix] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(String(text ?? '')) ?? [];
  const factor = suffixes[suffix ?? ''];
  const amount = Number(number) * (factor ?? Number.NaN);
  return Number.isNaN(amount) ? undefined : amount;
}

/** For people: `23.4Gi` of memory and storage, `1.5` or `250m` of everything else. */
export function printQuantity(amount: number, resource: string): string {
  if (/memory|storage|hugepages/.test(resource)) return printBytes(amount);
  return amount > 0 && amount < 1 ? `${Math.round(amount * 1_000)}m` : `${round(amount)}`;
}

function printBytes(bytes: number): string {
  const unit = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'].find((name) => bytes >= (suffixes[name] ?? Infinity)) ?? '';
  return `${round(bytes / (suffixes[unit] ?? 1))}${unit}`;
}

function round(amount: number): number {
  return amount >= 100 ? Math.round(amount) : Math.round(amount * 10) / 10;
}
