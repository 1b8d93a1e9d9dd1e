// An image with nothing in it, as an archive in docker's format: for pods that bring their files as volumes.

import { createHash } from 'node:crypto';
import { tar } from '../../drivers/helm-charts.ts';

/** The same bytes for the same name; another image, and not only another name of it, by another folder. */
export function emptyImage(name: string, folder = 'usr/'): Buffer {
  const layer = tar({ path: folder, type: '5' });
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
  });
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]);
  return tar({ path: 'config.json', content: config }, { path: 'layer.tar', content: layer.toString('latin1') }, { path: 'manifest.json', content: manifest });
}
