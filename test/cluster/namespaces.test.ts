// The commands that make the namespaces and the network, whole.
import { expect, test } from 'vitest';
import { addressesOf, hostInterface, joinedNode, maxClusters, maxJoined } from '../../cluster/layout.ts';
import { enter, enterInit, holderArgv, initArgv, nodeInitArgv } from '../../cluster/namespaces.ts';
import { clusterCommands, hostCommands, masqueradeArgv } from '../../cluster/network.ts';
import { joined, layout } from './support.ts';

test('the holder has a network and mounts of its own', () => {
  expect(holderArgv().join(' ')).toBe('unshare --net --mount --propagation=private sleep infinity');
});

test('init is process 1 below the holder, and reaps what it inherits', () => {
  expect(initArgv(41).join(' ')).toBe(
    'nsenter --target=41 --net --mount unshare --pid --mount --fork --kill-child --mount-proc' +
      ' env --ignore-signal=CHLD sleep infinity',
  );
});

test('a joined node has processes and mounts of its own below init, and the network of all', () => {
  expect(nodeInitArgv(42).join(' ')).toBe(
    'nsenter --target=42 --net --mount --pid unshare --pid --mount --fork --kill-child --mount-proc' +
      ' env --ignore-signal=CHLD sleep infinity',
  );
});

test('pods of a joined node leave the cluster under its address, and stay themselves within', () => {
  expect(masqueradeArgv('--append', joined).join(' ')).toBe(
    'iptables --wait --table nat --append POSTROUTING --source 10.244.131.0/24 ! --destination 10.244.0.0/16' +
      ' --match comment --comment pods of blue --jump MASQUERADE',
  );
});

test('no two nodes of a cluster share an address, a port or addresses of pods, nor take those of a server', () => {
  const numbers = Array.from({ length: maxJoined }, (_, index) => index + 1);
  const nodes = numbers.map((number) => joinedNode(layout, { name: 'any', number, labels: {}, taints: [] }));
  expect(new Set(nodes.map(({ address }) => address)).size).toBe(maxJoined);
  expect(new Set(nodes.map(({ kubeletPort }) => kubeletPort)).size).toBe(maxJoined);
  expect(nodes.at(-1)?.pods).toEqual({ range: '10.244.192.0/24', first: '10.244.192.2', last: '10.244.192.254' });
  const taken: readonly string[] = Object.values(layout.addresses);
  expect(nodes.filter(({ address }) => taken.includes(address))).toEqual([]);
});

test('commands of the user enter the holder, components enter init', () => {
  expect(enter(41, ['id', '-u'])).toEqual(['nsenter', '--target=41', '--net', '--mount', 'id', '-u']);
  expect(enterInit(42, ['id'])).toEqual(['nsenter', '--target=42', '--net', '--mount', '--pid', 'id']);
});

test('the host gets one address and one route, both on the interface of the cluster', () => {
  expect(hostCommands(3, addressesOf(3))).toBe(
    'address add 100.67.0.1/24 dev changeover3\n' +
      'link set changeover3 up\n' +
      'route add 100.67.128.0/17 via 100.67.0.2 dev changeover3\n',
  );
});

test('the cluster has its node, its cluster DNS and two name servers on addresses of their own', () => {
  expect(clusterCommands(addressesOf(3)).split('\n')).toEqual([
    'link set lo up',
    'address add 100.67.0.2/24 dev eth0',
    'address add 100.67.0.10/32 dev eth0',
    'address add 100.67.0.53/32 dev eth0',
    'address add 100.67.0.54/32 dev eth0',
    'link set eth0 up',
    'route add default via 100.67.0.1',
    'link add virtual type bridge',
    'link set virtual up',
    'route add 100.67.128.0/17 dev virtual',
    'route add 10.96.0.0/16 dev virtual',
    'route add blackhole 10.244.0.0/16',
    '',
  ]);
});

test('no two clusters of a host share an address, and all stay within 100.64.0.0/10', () => {
  const all = Array.from({ length: maxClusters }, (_, index) => addressesOf(index));
  expect(new Set(all.map(({ node }) => node)).size).toBe(maxClusters);
  expect(all.at(-1)?.node).toBe('100.127.0.2');
});

test('the name of the interface fits into the kernel’s fifteen characters', () => {
  expect(hostInterface(maxClusters - 1).length).toBeLessThanOrEqual(15);
});
