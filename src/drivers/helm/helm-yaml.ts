// YAML as Helm reads it, to plain values. Bounded: however a text nests, repeats or refers to itself, it costs no more than its bounds.

import { boolYaml11Tag, CORE_SCHEMA, floatCoreTag, intCoreTag, intYaml11Tag, loadAll, mapTag, mergeTag, NOT_RESOLVED, seqTag, strTag, YAMLException } from 'js-yaml';
import { sizeOf } from '../../yaml-size.ts';

export interface HelmYamlBounds {
  /** As `sizeOf` counts. */
  readonly mostInDocument: number;
  readonly mostInAll: number;
}

/** Says what is wrong with a text, and quotes nothing of it: it may be a Secret's. */
export class HelmYamlError extends Error {}

/** The definitions of Prometheus' operator, the deepest that are known, have 60. */
const mostLevels = 200;
/** Each costs something, also an empty one; charts have some hundreds. */
const mostDocuments = 10_000;
/** With each alias written out, as whoever prints or compares the value will do: three times what Helm may print. */
const mostCharacters = 20_000_000;

/**
 * Of YAML 1.1 (`on` is true, `0644` octal), but without dates, bytes and numbers to the base of 60; an unknown tag says nothing.
 * A test holds it against what Helm 4.2.3 made of the same texts.
 */
const asHelm = CORE_SCHEMA.withTags(
  boolYaml11Tag,
  { ...intYaml11Tag, resolve: wholeNumber },
  { ...floatCoreTag, resolve: (source, ...rest) => floatCoreTag.resolve(source.replaceAll('_', ''), ...rest) },
  mergeTag,
  { ...strTag, tagName: '', matchByTagPrefix: true },
  { ...seqTag, tagName: '', matchByTagPrefix: true },
  { ...mapTag, tagName: '', matchByTagPrefix: true },
);

function wholeNumber(...[source, ...rest]: Parameters<typeof intYaml11Tag.resolve>): ReturnType<typeof intYaml11Tag.resolve> {
  if (source.startsWith('0o')) return intCoreTag.resolve(source, ...rest);
  return source.includes(':') ? NOT_RESOLVED : intYaml11Tag.resolve(source, ...rest);
}

/** One after another, so that the parser's own work on the last is gone. Of a key that is there twice the last counts. Throws HelmYamlError. */
export function* helmDocuments(text: string, { mostInDocument, mostInAll }: HelmYamlBounds): Generator<unknown> {
  let [count, size, left] = [0, 0, mostCharacters];
  for (const document of documentTexts(text)) {
    count += 1;
    const its = sizeOf(document, mostInDocument);
    size += its;
    if (its > mostInDocument) throw new HelmYamlError(`there is more in one document than ${mostInDocument} words and signs; make several of it`);
    if (count > mostDocuments) throw new HelmYamlError(`there are more than ${mostDocuments} documents; leave out the empty ones`);
    if (size > mostInAll) throw new HelmYamlError(`there is more in all documents than ${mostInAll} words and signs; make several charts of it`);
    for (const value of parsed(document)) {
      left -= writtenOut(value, left);
      yield value;
    }
  }
}

/** Nothing else in YAML begins a line so, also within a text. Source: YAML 1.2.2, rule 206, c-forbidden. */
function* documentTexts(text: string): Generator<string> {
  let start = 0;
  for (let next = text.indexOf('\n---'); next !== -1; next = text.indexOf('\n---', next + 1)) {
    if (!/^\s?$/.test(text.charAt(next + 4))) continue;
    yield text.slice(start, next + 1);
    start = next + 1;
  }
  yield text.slice(start);
}

function parsed(document: string): readonly unknown[] {
  try {
    return loadAll(document, { schema: asHelm, json: true, maxDepth: mostLevels });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // Behind a quotation mark or a bracket stands what was written.
    throw new HelmYamlError(`not valid YAML (${error.reason.split(/["<]/)[0]?.trim()})`);
  }
}

/** About how many characters it has as JSON. Stops above `most`, and so ends for what contains itself. */
function writtenOut(value: unknown, most: number, level = 0): number {
  if (most < 0) throw new HelmYamlError('its aliases multiply to far more than Helm may print');
  if (level > 2 * mostLevels) throw new HelmYamlError('its aliases nest it deeper than anything that Kubernetes knows');
  if (typeof value === 'string') return inOnePiece(value).length + 2;
  if (typeof value !== 'object' || value === null) return 4;
  let size = 2;
  // A list's own numbers are no texts in it, but cost as much to look at.
  for (const key of Object.keys(value)) {
    size += Array.isArray(value) ? 1 : key.length + 4;
    size += writtenOut((value as Readonly<Record<string, unknown>>)[key], most - size, level + 1);
  }
  return size;
}

/** The parser joins a text line by line, and V8 keeps each piece, with sixty bytes around it, until somebody looks into the text. */
function inOnePiece(text: string): string {
  text.charCodeAt(0);
  return text;
}
