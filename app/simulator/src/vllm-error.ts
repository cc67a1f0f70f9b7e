/** An error as vLLM answers it: `{"error": {message, type, param, code}}`. */
export class VllmError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  /** Further response headers. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    type: string,
    message: string,
    param: string | null = null,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "VllmError";
    this.status = status;
    this.type = type;
    this.param = param;
    this.headers = headers;
  }

  toJSON(): unknown {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.status } };
  }
}

/** A request for something impossible. */
export function badRequest(message: string, param: string | null = null): VllmError {
  return new VllmError(400, "BadRequestError", message, param);
}

/** A body that does not have the form of the route's. */
export function invalidBody(message: string, param: string | null): VllmError {
  return new VllmError(400, "Bad Request", message, param);
}

/** @param served names that the engine serves its model under */
export function unknownModel(model: string, served: readonly string[]): VllmError {
  const message = `The model \`${model}\` does not exist. Valid aliases: ${served.join(", ")}.`;
  return new VllmError(404, "NotFoundError", message, "model");
}

/** The engine's process has died; only a restart helps. */
export function engineDead(): VllmError {
  const message = "EngineCore encountered an issue. See stack trace (above) for the root cause.";
  return new VllmError(500, "InternalServerError", message);
}

/** The engine drains: it still listens, and its executor takes no work. */
export function engineDraining(): VllmError {
  return new VllmError(500, "InternalServerError", "cannot schedule new futures after shutdown");
}

/** More requests are there than `--max-num-queued-reqs` allows. Without `Retry-After`, as vLLM's. */
export function tooManyRequests(): VllmError {
  return notAdmitted("The engine is currently busy and cannot accept new requests.");
}

/** More tokens of prompts are unread than `--max-num-queued-tokens` allows. */
export function tooManyTokens(): VllmError {
  return notAdmitted("The engine has reached its prefill token backlog limit.");
}

function notAdmitted(reason: string): VllmError {
  return new VllmError(503, "Service Unavailable", `${reason} Please try again later or on a different instance.`);
}
