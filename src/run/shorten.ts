// Keeps a text within bounds for a record. Never used where a text means something to a program.

/** At most `length` characters, the last of them saying that there was more. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
