// Runs a command of the user inside the cluster's network and mount namespace, as if it ran there from the start.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { connected } from './commands.ts';
import { enter, findHeld } from './namespaces.ts';
import { checkoutDir, clusterKey } from './paths.ts';

/** Returns the exit code of the command, 128 + N when signal N ended it. */
export async function execute(argv: readonly [string, ...string[]]): Promise<number> {
  const held = await findHeld(clusterKey(checkoutDir));
  const connection = connected();
  if (held === undefined) throw new Error('the cluster is not whole; next: npm run cluster -- up');
  // A new mount namespace moves its process to the root directory.
  const [file, ...rest] = enter(held.holder, ['env', `--chdir=${process.cwd()}`, ...argv]);
  const path = `${connection.binDir}:${process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`;
  const env = { ...process.env, PATH: path, KUBECONFIG: connection.kubeconfig };
  const child = spawn(file, rest, { stdio: 'inherit', env });
  // nsenter and env become the command itself, so a signal to the child reaches it. A terminal's SIGINT goes to the
  // whole group already: from a terminal it is only survived here, not sent a second time.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    const isFromTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
    process.on(signal, () => isFromTerminal || child.kill(signal));
  }
  // 128 + N is what a shell would report, so that callers see a killed command the same way with and without `exec`.
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
