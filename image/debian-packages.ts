// Which Debian packages are in a base image, as its own records say. Looks into images, and changes none.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildah } from './buildah.ts';
import type { Component } from './sbom.ts';

/** Of an image in buildah's store. Rejects when nothing tells what is in it: an empty list would say that nothing is. */
export async function debianComponents(image: string): Promise<readonly Component[]> {
  const container = await buildah('from', '--pull=never', image);
  try {
    const root = await buildah('mount', container);
    const components = parsePackages(await statusOf(root), await distributionOf(root));
    if (components.length === 0) throw new Error(`${image} does not tell which packages it has (/var/lib/dpkg/status or status.d)`);
    return components;
  } finally {
    await buildah('rm', container);
  }
}

/** Both ways of keeping records: Debian's own, and a file for each package where there is no package manager. */
async function statusOf(root: string): Promise<string> {
  const directory = join(root, 'var/lib/dpkg');
  const names = await readdir(join(directory, 'status.d')).catch(() => []);
  const files = ['status', ...names.filter((name) => !name.endsWith('.md5sums')).map((name) => join('status.d', name))];
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8').catch(() => '')));
  return texts.join('\n\n');
}

async function distributionOf(root: string): Promise<string> {
  // In /etc it is a link, which would lead out of the mounted tree.
  const release = await readFile(join(root, 'usr/lib/os-release'), 'utf8').catch(() => '');
  const [id, version] = ['ID', 'VERSION_ID'].map((key) => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(release)?.[1]);
  return `${id ?? 'debian'}-${version ?? 'unknown'}`;
}

/** Paragraphs of fields as in https://www.debian.org/doc/debian-policy/ch-controlfields.html */
export function parsePackages(status: string, distribution: string): readonly Component[] {
  const paragraphs = status.split(/\n\s*\n/).map(fieldsOf).filter(({ Package, Status }) => Package !== undefined && Status !== 'deinstall ok config-files');
  const components = paragraphs.map(({ Package: name = '', Version: version = '', Architecture: arch = '' }): Component => ({
    type: 'library',
    name,
    version,
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}&distro=${distribution}`,
  }));
  return components.toSorted((left, right) => (left.purl < right.purl ? -1 : 1));
}

function fieldsOf(paragraph: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries([...paragraph.matchAll(/^([A-Za-z-]+): *(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
}
