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

export function unknownModel(model: string): VllmError {
  return new VllmError(404, "NotFoundError", `The model \`${model}\` does not exist.`, "model");
}

/** The engine's process has died; only a restart helps. */
export function engineDead(): VllmError {
  const message = "EngineCore encountered an issue. See stack trace (above) for the root cause.";
  return new VllmError(500, "InternalServerError", message);
}

/** More requests, or more tokens of prompts, wait than `--max-num-queued-reqs` or `--max-num-queued-tokens` allows. */
export function queueFull(message: string): VllmError {
  return new VllmError(503, "Service Unavailable", message);
}
