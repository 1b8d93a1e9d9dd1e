// The docker-archive format in the few lines that are needed: configuration, manifest, layers. Pure; it reads and writes no file.
// https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
import { createHash } from 'node:crypto';
import type { TarEntry } from './tar.ts';

/** The user every program runs as: Pod Security `restricted` asks for a numeric one that is not 0. */
export const userId = 10001;

export interface Layer {
  file: string;
  bytes: number;
  /** SHA-256 of the uncompressed tar, in hexadecimal. */
  digest: string;
}

/** The configuration as the JSON text itself, for its hash is the image's identity. */
export interface ImageParts {
  configuration: string;
  layers: readonly Layer[];
  tags: readonly string[];
}

/** How containers of an image are started, in the words of the format. */
export interface ProcessConfiguration {
  User?: string;
  Env?: readonly string[];
  Entrypoint?: readonly string[];
  WorkingDir?: string;
}

export function imageConfiguration(layers: readonly Layer[], config: ProcessConfiguration): string {
  return JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    // Fixed, like all times in the layers: the same content has to give the same image.
    created: '1970-01-01T00:00:00Z',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
  });
}

export function dockerArchive({ configuration, layers, tags }: ImageParts): TarEntry[] {
  const configurationName = `${createHash('sha256').update(configuration).digest('hex')}.json`;
  const manifest = [{ Config: configurationName, RepoTags: tags, Layers: layers.map(layerName) }];
  return [
    { name: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
    { name: configurationName, content: Buffer.from(configuration) },
    ...layers.map((layer) => ({ name: layerName(layer), content: { file: layer.file, bytes: layer.bytes } })),
  ];
}

function layerName({ digest }: Layer): string {
  return `${digest}/layer.tar`;
}
