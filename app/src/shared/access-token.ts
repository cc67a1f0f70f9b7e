import { request } from "undici";
import { z } from "zod";

/** Answer of the metadata server. https://cloud.google.com/compute/docs/access/authenticate-workloads#applications */
const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** Milliseconds before a token's end from which a new one is fetched: as early as the metadata server has one ready. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** Milliseconds for the metadata server, which is on the same machine. */
const TIMEOUT_MS = 3_000;
const TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token";

/** An access token of this machine's service account. */
interface AccessToken {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Access tokens of this machine's service account, kept until five minutes before their end. */
export class AccessTokens {
  readonly #metadataUrl: string;
  #token: AccessToken | undefined;
  #fetching: Promise<AccessToken> | undefined;

  constructor(metadataUrl: string) {
    this.#metadataUrl = metadataUrl;
  }

  /**
   * A token that is good for five minutes at least; where the metadata server has just failed, the one at hand as long
   * as it is good at all.
   * @throws Error where there is neither
   */
  async current(): Promise<AccessToken> {
    const token = this.#token;
    if (token !== undefined && token.expiresAt - Date.now() > RENEW_BEFORE_MS) return token;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    try {
      return await this.#fetching;
    } catch (thrown) {
      if (token !== undefined && token.expiresAt > Date.now()) return token;
      throw thrown;
    }
  }

  async #fetch(): Promise<AccessToken> {
    const { statusCode, body } = await request(this.#metadataUrl + TOKEN_PATH, {
      headers: { "metadata-flavor": "Google" },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const text = await body.text();
    if (statusCode !== 200)
      throw new Error(`the metadata server answered ${statusCode} when asked for an access token`);
    const { access_token, expires_in } = tokenSchema.parse(JSON.parse(text));
    this.#token = { text: access_token, expiresAt: Date.now() + expires_in * 1000 };
    return this.#token;
  }

  /** Milliseconds until a new token should be fetched; 0 where it is time. */
  get renewInMs(): number {
    return Math.max(0, (this.#token?.expiresAt ?? 0) - RENEW_BEFORE_MS - Date.now());
  }
}
