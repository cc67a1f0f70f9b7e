/** The client's request behind a call to an engine. */
export interface CallContext {
  readonly requestId: string;
  /** W3C trace context of the client, passed on. */
  readonly traceparent?: string | undefined;
  /** Aborts when the client leaves; the engine's connection is then closed, which stops the generation. */
  readonly signal: AbortSignal;
}

/** One request to an engine. */
export interface Exchange extends CallContext {
  /** Milliseconds to the answer's first byte. */
  readonly timeoutMs: number;
  /** Milliseconds between its bytes. */
  readonly silenceMs: number;
  /** Aborts when the whole answer should be there. @default only silence is limited */
  readonly deadline?: AbortSignal | undefined;
  /** Adapter that the body names, for the error. */
  readonly adapter?: string | undefined;
  /** Most tokens of the answer, as the body says, for the error. */
  readonly maxTokens?: number | undefined;
  /** Most tokens that its prompt may take, by the gateway's estimate, for the error. */
  readonly promptTokens?: number | undefined;
}
