/** One engine that serves the model, as far as scheduling looks at it. */
export interface DispatchEndpoint {
  /** Unique among the model's endpoints; the same again after it was away. */
  readonly id: string;
  /** Most requests in flight there from this gateway. Source: the capacity plan (`--max-num-seqs`). */
  readonly slots: number;
  /** Whether it may be sent a request now. Asked at each dispatch, so it must be cheap. */
  available(): boolean;
  /** Whether the adapter is loaded there. One that is not can be loaded, which takes time. */
  hasAdapter(name: string): boolean;
}
