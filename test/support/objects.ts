// Small Kubernetes objects for tests, as a chart would render them. Only what the test at hand is about needs to be given.

import type { KubernetesObject, ObjectMeta } from '../../src/drivers/cluster/objects.ts';

type Meta = Omit<ObjectMeta, 'name' | 'namespace'>;

/** `type` is apiVersion and kind: `apps/v1 Deployment`. */
export function object(type: string, name: string, rest: { readonly namespace?: string; readonly metadata?: Meta; readonly [field: string]: unknown } = {}): KubernetesObject {
  const [apiVersion = '', kind = ''] = type.split(' ');
  const { namespace, metadata, ...content } = rest;
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...metadata }, ...content };
}

export function podTemplate(app: string): { readonly metadata: object; readonly spec: object } {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: app, image: `example/${app}:1` }] } };
}

export function deployment(name: string, options: { readonly namespace?: string; readonly replicas?: number } = {}): KubernetesObject {
  const { namespace, replicas = 1 } = options;
  const spec = { replicas, selector: { matchLabels: { app: name } }, template: podTemplate(name) };
  return object('apps/v1 Deployment', name, { ...(namespace === undefined ? {} : { namespace }), spec });
}

export function statefulSet(name: string, options: { readonly namespace?: string; readonly replicas?: number } = {}): KubernetesObject {
  const { namespace, replicas = 1 } = options;
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }];
  const spec = { replicas, serviceName: name, selector: { matchLabels: { app: name } }, template: podTemplate(name), volumeClaimTemplates };
  return object('apps/v1 StatefulSet', name, { ...(namespace === undefined ? {} : { namespace }), spec });
}

export function job(name: string, options: { readonly namespace?: string; readonly suspend?: boolean; readonly backoffLimit?: number } = {}): KubernetesObject {
  const { namespace, ...rest } = options;
  const template = podTemplate(name) as { readonly spec: object };
  const spec = { ...rest, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } };
  return object('batch/v1 Job', name, { ...(namespace === undefined ? {} : { namespace }), spec });
}

export function service(name: string, options: { readonly namespace?: string; readonly type?: string; readonly app?: string; readonly labels?: Readonly<Record<string, string>> } = {}): KubernetesObject {
  const { namespace, type = 'LoadBalancer', app = name, labels } = options;
  const spec = { type, selector: { app }, ports: [{ name: 'http', port: 80 }] };
  return object('v1 Service', name, { ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { metadata: { labels } }), spec });
}

export function namespace(name: string, metadata: Meta = {}): KubernetesObject {
  return object('v1 Namespace', name, { metadata });
}

export function configMap(name: string, options: { readonly namespace?: string; readonly data?: Readonly<Record<string, string>>; readonly labels?: Readonly<Record<string, string>> } = {}): KubernetesObject {
  const { labels, ...rest } = options;
  return object('v1 ConfigMap', name, { ...rest, ...(labels === undefined ? {} : { metadata: { labels } }) });
}
