// YAML as plain nodes that remember where they stand: merged in layers, looked up by path. Knows no schema.

export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Node =
  | { readonly kind: 'map'; readonly at: Position; readonly entries: ReadonlyMap<string, Entry> }
  | { readonly kind: 'list'; readonly at: Position; readonly items: readonly Node[] }
  | { readonly kind: 'scalar'; readonly at: Position; readonly value: unknown; readonly twofold?: true };

export interface Entry {
  /** Where the key stands. */
  readonly at: Position;
  readonly value: Node;
  /** Here, and of a scalar: it is written in a way that YAML 1.1 reads otherwise. */
  readonly twofold?: true;
}

export type MapNode = Extract<Node, { kind: 'map' }>;
export type Path = readonly (string | number)[];

/** One thing that is wrong, and where. */
export interface Problem {
  readonly at: Position;
  readonly message: string;
}

/** `upper` over `lower`, as Helm layers values: maps merge deeply, lists and scalars replace, null removes. */
export function merge(lower: MapNode, upper: MapNode): MapNode {
  const entries = new Map(lower.entries);
  for (const [key, entry] of upper.entries) {
    const before = entries.get(key);
    const value = entry.value;
    if (value.kind === 'scalar' && value.value === null) entries.delete(key);
    else if (value.kind === 'map') entries.set(key, { ...entry, value: merge(before?.value.kind === 'map' ? before.value : emptyMap(value.at), value) });
    else entries.set(key, entry);
  }
  return { kind: 'map', at: upper.at, entries };
}

export function emptyMap(at: Position): MapNode {
  return { kind: 'map', at, entries: new Map() };
}

export function toValue(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toValue);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toValue(value)]));
}

/** The node at `path`, or undefined. */
export function nodeAt(root: Node, path: Path): Node | undefined {
  return path.reduce<Node | undefined>((node, key) => (node === undefined ? undefined : child(node, key)), root);
}

/** Where `path` stands; for what is not there, where the nearest thing around it stands. */
export function positionOf(root: Node, path: Path): Position {
  for (let length = path.length; length > 0; length -= 1) {
    const found = nodeAt(root, path.slice(0, length));
    if (found !== undefined) return found.at;
  }
  return root.at;
}

/** Where the key `key` of the mapping at `path` stands. */
export function keyPosition(root: Node, path: Path, key: string): Position {
  const parent = nodeAt(root, path);
  const entry = parent?.kind === 'map' ? parent.entries.get(key) : undefined;
  return entry?.at ?? positionOf(root, path);
}

/** `dns[0].service` */
export function dotted(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}

function child(node: Node, key: string | number): Node | undefined {
  if (node.kind === 'map') return node.entries.get(String(key))?.value;
  return node.kind === 'list' ? node.items[Number(key)] : undefined;
}
