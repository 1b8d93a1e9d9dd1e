// The headings of an operation's steps, by name. For whoever shows a run that another process does.

import { operations } from './operations.ts';

export function titlesOf(operation: string): ReadonlyMap<string, string> {
  return new Map((operations[operation]?.steps ?? []).map(({ name, title }) => [name, title]));
}
