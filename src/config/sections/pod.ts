// `pod`, `secrets` and `files`: what the Helm chart of the runner makes of them. The command line checks them and uses none.
// What belongs to Kubernetes is passed on as it is: the API server knows best what an affinity may say.

import * as z from 'zod';
import { duration, label, mapping } from '../values.ts';

const texts = z.record(z.string(), z.string());

const image = z.strictObject({
  repository: z.string().min(1).optional().describe('Without tag and digest'),
  tag: z.string().min(1).optional().describe('Default: the chart’s appVersion'),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, { error: 'must be sha256: and 64 hexadecimal digits' }).optional().describe('Pins the image; the tag is for reading then'),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional().describe('As in a container'),
  pullSecrets: z.array(label).optional().describe('Names of Secrets for the registry'),
});

const toleration = z.strictObject({
  key: z.string().optional().describe('Key of the taint; none: all taints'),
  operator: z.enum(['Exists', 'Equal']).optional().describe('How the value is compared'),
  value: z.string().optional().describe('Value of the taint'),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Effect of the taint'),
  tolerationSeconds: z.int().optional().describe('For NoExecute'),
});

const environmentVariable = z.strictObject({
  name: z.string().min(1).describe('Name of the variable'),
  value: z.string().optional().describe('Its value'),
  valueFrom: mapping.optional().describe('Where its value comes from, as in a container'),
});

const volumeMount = z.strictObject({
  name: label.describe('Name of the volume'),
  mountPath: z.string().startsWith('/', { error: 'must be an absolute path' }).describe('Path in the container'),
  subPath: z.string().optional().describe('Path in the volume'),
  readOnly: z.boolean().optional().describe('Whether it cannot be written to'),
});

export const pod = z.strictObject({
  image: image.optional().describe('The runner’s image'),
  existingSecret: label.optional().describe('A Secret whose keys are mounted as files beside the configuration, instead of `secrets`'),
  extraEnv: z.array(environmentVariable).optional().describe('Environment variables'),
  extraEnvFrom: z.array(mapping).optional().describe('Sources of environment variables, as in a container'),
  extraVolumes: z.array(mapping).optional().describe('Volumes, as in a pod'),
  extraVolumeMounts: z.array(volumeMount).optional().describe('Where they are mounted'),
  nodeSelector: texts.optional().describe('Labels of the nodes it may run on'),
  tolerations: z.array(toleration).optional().describe('Taints it may run in spite of'),
  affinity: mapping.optional().describe('As in a pod'),
  priorityClassName: z.string().optional().describe('Name of a PriorityClass'),
  annotations: texts.optional().describe('Further annotations of the pod'),
  labels: texts.optional().describe('Further labels of the pod'),
  resources: z
    .strictObject({
      requests: texts.optional().describe('What is reserved'),
      limits: texts.optional().describe('What it may use at most'),
    })
    .optional()
    .describe('CPU and memory'),
  securityContext: mapping.optional().describe('Of the pod, as Kubernetes has it'),
  containerSecurityContext: mapping.optional().describe('Of the container, as Kubernetes has it'),
  terminationGracePeriod: duration.optional().describe('For an orderly stop, before the pod is killed'),
  replacements: z.int().min(0).max(100).optional().describe('How often a lost pod (killed, evicted, drained, its node gone) is replaced; the new one resumes the run'),
  startingDeadline: duration.optional().describe('How late a run may start; later it is left out'),
  history: z
    .strictObject({
      succeeded: z.int().min(0).max(100).optional().describe('Jobs that ended well'),
      failed: z.int().min(0).max(100).optional().describe('Jobs that did not'),
    })
    .optional()
    .describe('Ended Jobs that stay, with their logs'),
  serviceAccount: z
    .strictObject({ annotations: texts.optional().describe('Such as those of Workload Identity') })
    .optional()
    .describe('The account that the pod runs as'),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean().optional().describe('Limit what the pod connects to'),
      apiServer: z.array(mapping).optional().describe('Egress rules for the API server; default: where Helm finds it while it installs'),
      dns: z.array(mapping).optional().describe('Egress rules for DNS, to which name servers with an address are added; default: where Helm finds cluster DNS, and name servers of the zones'),
      egress: z.array(mapping).optional().describe('Further egress rules, as in a NetworkPolicy'),
    })
    .optional()
    .describe('API server, DNS, the releases and what is configured are allowed; everything else is listed here'),
});

/** A text that is never repeated in a message. */
const secretText = z.string({ error: 'must be a text; put it in quotes' }).meta({ typeName: 'secret text' });

const key = z.string().max(253).regex(/^[-._a-zA-Z0-9]+$/, { error: 'must consist of letters, digits, dashes, dots and underscores' });

export const secrets = z.record(key, secretText);

export const files = z.record(key.refine((name) => name !== 'environment.yaml', { error: 'must not be environment.yaml, which is the configuration itself' }), z.string());
