// The command line of the embedded cluster: reads arguments, prints, sets the exit code, and decides nothing else.
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { addNodeCommand, connected, deleteCommand, downCommand, importCommand, removeNodeCommand, statusCommand, upCommand } from './commands.ts';
import { resetZones } from './dns.ts';
import { execute } from './exec.ts';
import { stateDir } from './paths.ts';

const program = new Command('cluster')
  .description('Kubernetes, BIND and their network for tests, out of Go modules and Debian packages')
  // So that options behind `exec CMD` are the command's.
  .enablePositionalOptions();

program
  .command('up')
  .description('build what is missing and bring the cluster up; does nothing when it is up')
  .option('--load-balancer-delay <duration>', 'time until a Service gets its address', '1s')
  .action(async (options: { loadBalancerDelay: string }) => {
    await upCommand(options.loadBalancerDelay);
  });
program.command('down').description('end the cluster of this checkout').action(downCommand);
program
  .command('delete')
  .description('end the cluster of this checkout and remove all that it kept: images, volumes, logs, keys; checkouts share builds and tools')
  .action(deleteCommand);
program
  .command('status')
  .description('what runs; exit code 1 when the cluster is not whole')
  .action(statusCommand);
program
  .command('exec')
  .description('run a command inside the cluster\'s network, with kubectl, helm and KUBECONFIG')
  .argument('<command...>')
  .passThroughOptions()
  .allowUnknownOption()
  .action(async (argv: [string, ...string[]]) => {
    process.exitCode = await execute(argv);
  });
program
  .command('kubeconfig')
  .description('print an administrator\'s kubeconfig, which works from the host as well')
  .action(() => {
    process.stdout.write(readFileSync(connected().kubeconfig, 'utf8'));
  });
program
  .command('env')
  .description('print the connection info as JSON')
  .action(() => console.log(JSON.stringify(connected(), undefined, 2)));
program
  .command('import')
  .description('import image archives (docker or OCI) into every node, unless they are there')
  .argument('<files...>')
  .action(importCommand);
program
  .command('add-node')
  .description('let one more node join, with a kubelet and a containerd of its own, and wait until it is Ready')
  .argument('<name>')
  .option('--label <key=value...>', 'labels that it registers with', [])
  .option('--taint <key=value:effect...>', 'taints that it registers with', [])
  .option('--image <name...>', 'images of the first node that it gets, too', [])
  .option('--disk <size>', 'a disk of its own for the volumes of its pods, such as 128m; with less than 40 % free it is under pressure')
  .action(async (name: string, { label, taint, image, disk }: { label: string[]; taint: string[]; image: string[]; disk?: string }) => {
    const labels = Object.fromEntries(label.map((text) => [text.replace(/=.*/s, ''), text.replace(/^[^=]*=?/, '')]));
    await addNodeCommand({ name, labels, taints: taint, images: image, disk });
  });
program
  .command('remove-node')
  .description('switch a node off that joined, and remove what is left of it')
  .argument('<name>')
  .action(removeNodeCommand);
program
  .command('reset-dns')
  .description('remove every record from the zones but those of the name servers')
  .action(async () => {
    await resetZones(connected().dns);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(`Logs: ${stateDir}/run/logs`);
  // Now, not when the last wait for a component that will never answer has run out.
  process.exit(1);
}
