// Values as the server keeps them: as JSON, and never changed again. Much of a new version is the old one's, and is shared with it.

/** A copy that nobody can change: whoever changes an answer in place would change the server's memory, so let it throw instead. What is frozen is taken as kept. */
export function kept<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  return Object.freeze(Array.isArray(value) ? value.map(kept) : keptFields(value)) as T;
}

function keptFields(value: object): object {
  const copy: Record<string, unknown> = {};
  for (const field of Object.keys(value)) {
    const inner = (value as Readonly<Record<string, unknown>>)[field];
    // As JSON does it.
    if (inner !== undefined) copy[field] = kept(inner);
  }
  return copy;
}

/** Whether both are the same JSON. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) return Array.isArray(left) && Array.isArray(right) && left.length === right.length && left.every((item, index) => same(item, right[index]));
  return sameFields(left as Fields, right as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function sameFields(left: Fields, right: Fields): boolean {
  for (const field in left) if (!same(left[field], right[field])) return false;
  for (const field in right) if (right[field] !== undefined && left[field] === undefined) return false;
  return true;
}
