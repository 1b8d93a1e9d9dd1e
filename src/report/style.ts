// Colours of a terminal, by meaning. Without colour every function returns its text.

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
}

/** Codes of ECMA-48, section 8.3.117 (SGR). */
export function styleFor({ color }: { readonly color: boolean }): Style {
  const sgr = (on: number, off: number) => (text: string): string => (color && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return { bold: sgr(1, 22), dim: sgr(2, 22), good: sgr(32, 39), bad: sgr(31, 39), doubtful: sgr(33, 39) };
}
