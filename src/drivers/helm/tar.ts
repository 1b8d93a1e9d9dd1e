// The files of a tar archive (POSIX ustar and pax). Reads regular files and folders, and refuses every other kind of entry.

import type { ArchivedFile } from './chart-archive.ts';

const blockSize = 512;

/** Throws an Error that says what is wrong. Source of the layout: IEEE Std 1003.1, pax, "ustar Interchange Format". */
export function tarEntries(archive: Buffer): readonly ArchivedFile[] {
  const files: ArchivedFile[] = [];
  let longPath: string | undefined;
  for (let offset = 0; !isEnd(archive, offset); ) {
    const header = readHeader(archive.subarray(offset, offset + blockSize));
    const content = archive.subarray(offset + blockSize, offset + blockSize + header.size);
    if (content.length < header.size) throw new Error('it ends in the middle of a file');
    const path = longPath ?? header.path;
    longPath = undefined;
    if (header.type === 'x') longPath = pathInPax(content);
    else if (header.type === '0') files.push({ path, content });
    else if (header.type !== '5' && !isComment(header.type, content)) throw new Error(`${JSON.stringify(path)} in it is neither a file nor a folder (type ${header.type})`);
    offset += blockSize + Math.ceil(header.size / blockSize) * blockSize;
  }
  return files;
}

function isEnd(archive: Buffer, offset: number): boolean {
  if (offset === archive.length) return true;
  if (offset + blockSize > archive.length) throw new Error('it is not a tar archive');
  return archive.subarray(offset, offset + blockSize).every((byte) => byte === 0);
}

interface Header {
  readonly path: string;
  readonly size: number;
  readonly type: string;
}

function readHeader(block: Buffer): Header {
  const text = (start: number, length: number): string => block.toString('utf8', start, start + length).split('\0', 1)[0] ?? '';
  const octal = (start: number, length: number): number => {
    const digits = text(start, length).trim();
    if (!/^[0-7]+$/.test(digits)) throw new Error('it is not a tar archive');
    return Number.parseInt(digits, 8);
  };
  if (checksum(block) !== octal(148, 8)) throw new Error('it is not a tar archive, or it is damaged');
  const prefix = text(257, 5) === 'ustar' && block[262] === 0 ? text(345, 155) : '';
  const name = (prefix === '' ? '' : `${prefix}/`) + text(0, 100);
  return { path: name, size: octal(124, 12), type: text(156, 1) || '0' };
}

/** Of all bytes, with the checksum's own eight taken as spaces. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}

/** Git and tar write two or three, each once. */
const mostRecords = 50;

/** Records `LENGTH KEY=VALUE\n`. A size there would overrule the header's, and programs would disagree where files begin. */
function pathInPax(content: Buffer): string | undefined {
  const records = paxRecords(content);
  if (records.has('size')) throw new Error('it has a file with two sizes');
  return records.get('path');
}

/** A global header is harmless as long as it only comments, as `git archive` does. */
function isComment(type: string, content: Buffer): boolean {
  return type === 'g' && [...paxRecords(content).keys()].every((key) => key === 'comment');
}

function paxRecords(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let offset = 0; offset < content.length; ) {
    const [, length = '', key = ''] = /^(\d+) ([^=]+)=/.exec(content.toString('latin1', offset, offset + 100)) ?? [];
    const end = offset + Number(length);
    if (length === '' || end > content.length || end <= offset || records.has(key) || records.size === mostRecords) throw new Error('it has a damaged pax header');
    records.set(key, content.toString('utf8', offset + length.length + 1 + key.length + 1, end - 1));
    offset = end;
  }
  return records;
}
