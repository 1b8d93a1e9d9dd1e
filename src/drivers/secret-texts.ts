// The texts in a value that an error must not repeat, in every form in which a program may send them back. Pure.

/** Shorter ones are words, and hiding them would make messages unreadable. */
const shortest = 6;

/**
 * Which of the texts are secret is not known here, so every one counts: whole, line by line as in YAML, escaped as in JSON,
 * and in Base64; except short ones and those that are part of `harmless` texts such as the release's own name.
 */
export function secretTexts(value: unknown, harmless: readonly string[]): readonly string[] {
  const lines = textsIn(value).flatMap((text) => [text, ...text.split('\n').map((line) => line.trim())]);
  const secret = new Set(lines.filter((text) => text.length >= shortest && !harmless.some((known) => known.includes(text))));
  return [...new Set([...secret].flatMap((text) => [text, JSON.stringify(text).slice(1, -1), Buffer.from(text).toString('base64')]))];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
