// What one piece of the work came to, as it passes from process to process. Data only.

export interface Found {
  readonly title: string;
  readonly violations: readonly { readonly invariant: string; readonly problem: string; readonly story: readonly string[] }[];
  /** What is there in the end, a line each. */
  readonly world: readonly string[];
  /** The one command that shows it again. */
  readonly replay: string;
  readonly transcriptPath?: string;
}

export interface Done {
  readonly type: 'done';
  readonly seed: number;
  readonly requests: number;
  readonly faults: number;
  readonly virtualMs: number;
  /** Clients to whom nothing is promised. */
  readonly letDown?: number;
  readonly found?: Found;
}
