// etcd for one boot: without fsync, since nothing in it outlives the cluster.
import { join } from 'node:path';
import type { Layout } from '../layout.ts';
import type { Component } from './component.ts';

export function etcd(layout: Layout): Component {
  return {
    name: 'etcd',
    argv: [
      layout.kubernetes,
      'etcd',
      `--data-dir=${join(layout.runDir, 'etcd')}`,
      // The disk is shared: a slow fsync would look like a fault of the program under test.
      '--unsafe-no-fsync',
      '--listen-client-urls=http://127.0.0.1:2379',
      '--advertise-client-urls=http://127.0.0.1:2379',
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--quota-backend-bytes=2147483648',
    ],
    files: {},
  };
}
