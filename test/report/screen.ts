// A terminal in memory: what is on the screen after the control codes that the tree writes. Refuses any other code.

/** Lines as an operator sees them, without colours. Throws when a line would have wrapped. */
export function screenAfter(written: string, columns: number): readonly string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  const present = (): string => lines[row] ?? '';
  for (const [part = ''] of written.matchAll(/\u001b\[\d*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g)) {
    if (part === '\n' || part === '\r') {
      column = 0;
      if (part === '\n') row += 1;
      lines[row] ??= '';
    } else if (/^\u001b\[\d+A$/.test(part)) row = Math.max(0, row - Number.parseInt(part.slice(2), 10));
    else if (part === '\u001b[K') lines[row] = present().slice(0, column);
    else if (part === '\u001b[J') lines.splice(row, lines.length, present().slice(0, column));
    else if (/^\u001b\[\d+m$/.test(part)) continue;
    else if (part.startsWith('\u001b')) throw new Error(`unexpected control code ${JSON.stringify(part)}`);
    else {
      lines[row] = present().slice(0, column).padEnd(column) + part + present().slice(column + part.length);
      column += part.length;
    }
  }
  const wrapped = lines.find((line) => line.length > columns);
  if (wrapped !== undefined) throw new Error(`this line wraps: ${wrapped}`);
  return lines.slice(0, -1);
}
