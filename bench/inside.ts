// Runs a program in the container of a pod, and returns what it printed: by the kubelet, or past it, with real-time priority.

import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import type { Bench } from './embedded.ts';

/** Rejects when it fails. The container is the pod's only one. */
export type Inside = (pod: string, argv: readonly string[]) => Promise<string>;

interface Place {
  readonly kubectl: Bench['kubectl'];
  readonly namespace: string;
}

export function byKubelet({ kubectl, namespace }: Place): Inside {
  return (pod, argv) => kubectl('exec', '-n', namespace, pod, '--', ...argv);
}

/**
 * In the namespaces, as the user and with the variables of the container's process, but before everything else on the machine
 * (SCHED_RR, sched(7)): others' work then costs it little. The API server gets no such priority.
 */
export function withPriority({ kubectl, namespace }: Place): Inside {
  return async (pod, argv) => {
    const uid = await kubectl('get', 'pod', pod, '-n', namespace, '-o', 'jsonpath={.metadata.uid}');
    const { pid, env, user } = await processOf(uid);
    const entered = ['nsenter', '--target', pid, '--mount', '--net', '--pid', '--ipc', '--uts', '--root', '--wd', '--setuid', user, '--setgid', user];
    return (await execa('/usr/bin/chrt', ['--rr', '10', ...entered, ...argv], { env, extendEnv: false })).stdout;
  };
}

interface Process {
  readonly pid: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
}

/** Of a pod with one container, beside the one that keeps its network, which is root's. */
async function processOf(podUid: string): Promise<Process> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process may end while it is looked at.
  const read = (pid: string, file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  for (const pid of pids) {
    if (!(await read(pid, 'cgroup')).includes(podUid)) continue;
    const [, user = '0'] = /^Uid:\s+(\d+)/m.exec(await read(pid, 'status')) ?? [];
    const variables = (await read(pid, 'environ')).split('\0').filter((variable) => variable !== '');
    const env = Object.fromEntries(variables.map((variable) => variable.split(/=(.*)/s).slice(0, 2) as [string, string]));
    if (user !== '0' && variables.length > 0) return { pid, env, user };
  }
  throw new Error(`no process of the pod ${podUid} is here`);
}
