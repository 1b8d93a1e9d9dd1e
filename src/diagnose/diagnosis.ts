// What is found out about one release, as plain data: printed as text, JSON or YAML. What could not be found out is said to be
// so (`unread`) and left undefined; it is never shown as empty.

export interface Diagnosis {
  readonly release: string;
  readonly pods?: PodsFinding;
  /** Everything else of the release that is not ready, `Deployment portal: 0 of 1 replicas are available`. */
  readonly notReady?: readonly string[];
  readonly services?: readonly ServiceFinding[];
  readonly names: readonly NameFinding[];
  /** The latest first. */
  readonly warnings?: readonly WarningFinding[];
  readonly unread: readonly Unread[];
}

export interface Unread {
  /** `nodes`, `the log of pod portal-6d…` */
  readonly what: string;
  readonly reason: string;
}

export interface PodsFinding {
  readonly total: number;
  readonly troubled: readonly PodFinding[];
}

export interface PodFinding {
  readonly name: string;
  /** One word: `Pending`, `ImagePullBackOff`, `CrashLoopBackOff`, `NotReady`, `Terminating`, … */
  readonly state: string;
  readonly why: string;
  /** ISO 8601. */
  readonly since?: string;
  /** Last lines of the container that crashed. */
  readonly logTail?: string;
  /** For a pod without a node: what stands against each one. Undefined when the nodes are not known. */
  readonly nodes?: readonly NodeFinding[];
}

export interface NodeFinding {
  readonly name: string;
  /** Empty when nothing was found: then only the scheduler knows. */
  readonly against: readonly string[];
}

export interface ServiceFinding {
  readonly name: string;
  readonly type: string;
  /** Outside the cluster; empty when it has none, or none yet. */
  readonly addresses: readonly string[];
  /** `none yet`, `inside only`, or what there is. */
  readonly state: string;
}

export interface NameFinding {
  readonly name: string;
  /** As configured: the Service that it shall stand for. */
  readonly service: string;
  readonly servers: readonly ServerFinding[];
  /** Why no server could be asked. */
  readonly problem?: string;
}

export interface ServerFinding {
  readonly server: string;
  /** `A 203.0.113.4 (TTL 60 s)`, `nothing`, or why it did not answer. */
  readonly answer: string;
  /** yes: all its addresses are the release's; unknown: the server did not answer, or the Services are not known. */
  readonly leadsHere: 'yes' | 'no' | 'unknown';
}

export interface WarningFinding {
  /** ISO 8601. */
  readonly at: string;
  readonly count: number;
  /** `Pod portal-6d…` */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
}
