import type { ServerResponse } from "node:http";

/** A refusal with the status, shape and words of vLLM 0.32, as it was seen on the wire. */
export interface VllmRefusal {
  readonly error: { readonly message: string; readonly type: string; readonly param: null; readonly code: number };
}

function refusal(code: number, type: string, message: string): VllmRefusal {
  return { error: { message, type, param: null, code } };
}

const ELSEWHERE = "Please try again later or on a different instance.";

/** At `--max-num-queued-reqs`. */
export const FULL = refusal(
  503,
  "Service Unavailable",
  `The engine is currently busy and cannot accept new requests. ${ELSEWHERE}`,
);

/** At `--max-num-queued-reqs` and `--max-num-queued-tokens`. */
export const ADMISSION_REFUSALS = [
  FULL,
  refusal(503, "Service Unavailable", `The engine has reached its prefill token backlog limit. ${ELSEWHERE}`),
] as const;

/** Of an engine that drains, and of one whose EngineCore has died. */
export const GONE = [
  refusal(500, "InternalServerError", "cannot schedule new futures after shutdown"),
  refusal(500, "InternalServerError", "EngineCore encountered an issue. See stack trace (above) for the root cause."),
] as const;

/** Answers as vLLM does. */
export function refuse(response: ServerResponse, body: VllmRefusal, headers: Record<string, string> = {}): void {
  response.writeHead(body.error.code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
