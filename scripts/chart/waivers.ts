// Findings of kube-score and checkov that are meant to stay, each with the reason. Nothing else is left out of a check.

export interface Waiver {
  readonly tool: 'kube-score' | 'checkov';
  readonly check: string;
  readonly reason: string;
}

export const waivers: readonly Waiver[] = [
  {
    tool: 'kube-score',
    check: 'container-image-pull-policy',
    reason: 'The image is named by version or digest, which never change; asking the registry each night would let its outage stop a rebuild',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_15',
    reason: 'The same as container-image-pull-policy: IfNotPresent with a version or digest runs the very same image',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_38',
    reason: 'The runner works through the Kubernetes API, so its pods and no others mount a token; what it may do is held by RBAC and admission policies',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_8',
    reason: 'Only the pod of `helm test` has this finding; it runs once and ends, so a liveness probe would have nothing to restart',
  },
  {
    tool: 'checkov',
    check: 'CKV_K8S_9',
    reason: 'Only the pod of `helm test` has this finding; no Service sends anything to it, so nobody asks whether it is ready',
  },
];

/** The names of the checks to leave out. */
export function waived(tool: Waiver['tool']): readonly string[] {
  return waivers.filter((waiver) => waiver.tool === tool).map(({ check }) => check);
}
