// A chart as large as the largest that people really install: what keeps hostile ones out must let it in. Data: nothing in it means harm.

import type { Folder } from './folder.ts';

export const honestObjects = 310;

/** Like Prometheus' operator with its definitions: 4.5 MB of them, of up to half a megabyte, and 300 objects and dashboards. Gives the chart's folder. */
export function honestChart(folder: Folder): string {
  folder.write('honest/Chart.yaml', 'apiVersion: v2\nname: portal\nversion: 0.1.0\n');
  for (let index = 0; index < 10; index += 1) folder.write(`honest/crds/${index}.yaml`, definition(index));
  folder.write('honest/templates/all.yaml', `{{- range $i := until 150 }}\n${deployment}---\n${dashboard}{{- end }}\n`);
  return `${folder.path}/honest`;
}

function definition(index: number): string {
  const head = `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things${index}.example.org\nspec:\n  group: example.org\n`;
  return `${head}  names: { kind: Thing${index}, plural: things${index} }\n  scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n${Array.from({ length: 26 }, (_, at) => property(`field${at}`, { depth: 0, indent: 10 })).join('')}`;
}

/** Each has two, and those have two, eight levels deep, in the way of definitions that a generator wrote. */
function property(name: string, { depth, indent }: { readonly depth: number; readonly indent: number }): string {
  const space = ' '.repeat(indent);
  const about = `${space}${name}:\n${space}  description: |-\n${space}    What ${name} is for, in a sentence or two,\n${space}    as generators take it from the source.\n`;
  if (depth === 5) return `${about}${space}  type: string\n`;
  const inner = ['first', 'second'].map((its) => property(its, { depth: depth + 1, indent: indent + 4 }));
  return `${about}${space}  type: object\n${space}  properties:\n${inner.join('')}`;
}

const deployment = `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{{ $i }}
  labels: { app.kubernetes.io/name: web-{{ $i }}, helm.sh/chart: portal }
spec:
  replicas: 2
  selector: { matchLabels: { app: web-{{ $i }} } }
  template:
    metadata:
      labels: { app: web-{{ $i }} }
    spec:
      containers:
      - name: web
        image: "example.org/web:{{ $i }}"
        ports:
        - containerPort: 8080
`;

const dashboard = `apiVersion: v1
kind: ConfigMap
metadata: { name: dashboard-{{ $i }} }
data:
  dashboard.json: |-
{{- range until 60 }}
    { "panel": {{ . }}, "targets": [{ "expr": "sum(rate(http_requests_total[5m])) by (code)", "legend": "x" }] },
{{- end }}
`;
