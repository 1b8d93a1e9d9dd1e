// `release.permissions`: what a chart creates beyond the ordinary kinds. Nothing here can name everything at once:
// a rule with `*` would give the installer more than one chart needs.

import * as z from 'zod';

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;

const rule = z.strictObject({
  apiGroups: z
    .array(z.string().regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$/, { error: 'must be an API group such as cert-manager.io, or "" for the core group' }))
    .min(1)
    .describe('API groups; "" is the core group'),
  resources: z
    .array(z.string().regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?(\/[a-z]+)?$/, { error: 'must be a resource in the plural such as certificates' }))
    .min(1)
    .describe('Resources, in the plural'),
  verbs: z.array(z.enum(verbs)).min(1).optional().describe('Default: get, list, watch, create, update, patch, delete'),
  resourceNames: z.array(z.string().min(1)).min(1).optional().describe('Only objects of these names'),
});

export const permissions = z.strictObject({
  namespaced: z.array(rule).default([]).describe('Kinds inside the release’s namespace, custom ones for instance'),
  cluster: z.array(rule).default([]).describe('Kinds outside of namespaces'),
});
