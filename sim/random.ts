// Randomness that repeats: the same seed gives the same names, delays and faults. Never uses Math.random.

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number in [min, max]. */
  between(min: number, max: number): number;
  /** Lower-case letters and digits, as in the names that Kubernetes generates. */
  name(length: number): string;
  uid(): string;
  /** A seed that goes on from here. */
  state(): number;
}

/** Mulberry32: 32 bits of state are plenty for a scenario, and it is short enough to be read. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = (alphabet: string, length: number): string => {
    let text = '';
    while (text.length < length) text += alphabet.charAt(between(0, alphabet.length - 1));
    return text;
  };
  const hex = (length: number): string => pick('0123456789abcdef', length);
  return {
    next,
    between,
    // Without vowels, as the API server does it, so that no words come out.
    name: (length) => pick('bcdfghjklmnpqrstvwxz2456789', length),
    state: () => state,
    uid: () => [hex(8), hex(4), `4${hex(3)}`, `a${hex(3)}`, hex(12)].join('-'),
  };
}
