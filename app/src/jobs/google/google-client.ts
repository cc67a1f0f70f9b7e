import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type Dispatcher, request } from "undici";
import type { AccessTokens } from "../../shared/access-token";
import { messageOf } from "../../shared/errors/message-of";

/** Statuses after which the same request may succeed. https://cloud.google.com/storage/docs/retry-strategy */
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** Tries of one request. With pauses of 1, 2, 4 and 8 s an API has 15 s to come back. */
export const TRIES = 5;
const RETRY_MS = 1_000;

/** An answer with an unexpected status. */
export class GoogleApiError extends Error {
  override readonly name = "GoogleApiError";
  /** HTTP status. */
  readonly status: number;

  constructor(what: string, status: number, body: string) {
    super(`${what}: ${status} ${reasonOf(body)}`.trim());
    this.status = status;
  }
}

export interface GoogleRequest {
  /** @default GET */
  readonly method?: Dispatcher.HttpMethod;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent again with every try. */
  readonly body?: string | Uint8Array | undefined;
  /** Statuses that are answers. @default 200 */
  readonly accept?: readonly number[];
}

export interface GoogleClientOptions {
  readonly tokens: Pick<AccessTokens, "current">;
  /** Milliseconds before the second try; each pause is twice the last. @default 1000 */
  readonly retryMs?: number | undefined;
}

/** Google's JSON APIs with the access token of this machine's service account. */
export class GoogleClient {
  readonly #tokens: Pick<AccessTokens, "current">;
  readonly #retryMs: number;

  constructor({ tokens, retryMs = RETRY_MS }: GoogleClientOptions) {
    this.#tokens = tokens;
    this.#retryMs = retryMs;
  }

  /**
   * One try; every answer is returned. The caller reads the body or dumps it. @throws Error where there is no answer
   */
  async send({ method = "GET", url, headers, body }: GoogleRequest): Promise<Dispatcher.ResponseData> {
    const { text } = await this.#tokens.current();
    return request(url, { method, headers: { ...headers, authorization: `Bearer ${text}` }, body: body ?? null });
  }

  /**
   * Tries until there is an answer of an accepted status.
   * @throws GoogleApiError for another answer, Error where there was none
   */
  async sendWithRetries(call: GoogleRequest): Promise<Dispatcher.ResponseData> {
    const { accept = [200], method = "GET", url } = call;
    const what = `${method} ${new URL(url).pathname}`;
    for (let attempt = 1; ; attempt += 1) {
      let failure: Error;
      try {
        const response = await this.send(call);
        if (accept.includes(response.statusCode)) return response;
        failure = new GoogleApiError(what, response.statusCode, await response.body.text());
        if (!RETRYABLE.has(response.statusCode)) throw failure;
      } catch (thrown) {
        if (thrown instanceof GoogleApiError) throw thrown;
        failure = new Error(`${what}: ${messageOf(thrown)}`, { cause: thrown });
      }
      if (attempt === TRIES) throw failure;
      await this.pause(attempt);
    }
  }

  /** An answer's JSON. @throws as {@link sendWithRetries}, and SyntaxError for what is none */
  async json(call: GoogleRequest): Promise<unknown> {
    const { body } = await this.sendWithRetries(call);
    return JSON.parse(await body.text());
  }

  /** Waits before the try that follows the given one. */
  async pause(attempt: number): Promise<void> {
    await delay(this.#retryMs * 2 ** (attempt - 1));
  }
}

/** Reads an answer to its end, for a connection that can be used again. */
export async function dump(body: Readable): Promise<void> {
  for await (const _ of body);
}

/** The message inside a JSON error of Google, or the answer's beginning. */
function reasonOf(body: string): string {
  const message = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  return message ?? body.slice(0, 200).replace(/\s+/g, " ");
}
