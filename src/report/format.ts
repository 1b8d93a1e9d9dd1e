// Data for people or programs: text, JSON or YAML. The data of JSON and YAML is the same.

import { stringify } from 'yaml';
import { printable } from './printable.ts';

export const formats = ['text', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** Ends with a line break. `toText` gets data without control codes. */
export function print<T>(data: T, format: Format, toText: (data: T) => string): string {
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`;
  if (format === 'yaml') return stringify(JSON.parse(JSON.stringify(data)), { lineWidth: 0 });
  return `${toText(printable(data)).replace(/\n+$/, '')}\n`;
}
