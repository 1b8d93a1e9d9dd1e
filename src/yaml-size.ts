// How much there is in a YAML text, before it is parsed: a megabyte of single letters becomes hundreds of megabytes of nodes. Parses nothing.

import { Lexer } from 'yaml';

export interface YamlBounds {
  /** Words, signs and spaces, as the lexer tells them apart: three to seven for each text in it, one for a block of many lines. */
  readonly mostInDocument: number;
  readonly mostInAll: number;
}

/** Costs a fifth of what parsing costs, and no room. */
export function isWithin(text: string, { mostInDocument, mostInAll }: YamlBounds): boolean {
  let [inAll, inDocument] = [0, 0];
  for (const token of new Lexer().lex(text)) {
    inDocument = token === '---' ? 0 : inDocument + 1;
    inAll += 1;
    if (inDocument > mostInDocument || inAll > mostInAll) return false;
  }
  return true;
}
