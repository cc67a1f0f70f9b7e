import { request } from "undici";

/** One value of the metadata server, with the tag of its version. */
export interface MetadataValue {
  readonly text: string;
  readonly etag: string;
}

export interface MetadataOptions {
  /** E.g. `http://metadata.google.internal`. */
  readonly metadataUrl: string;
  /** Path under `computeMetadata/v1/`. */
  readonly path: string;
  /** Tag of the last value: the server answers when it has another one. @default it answers at once */
  readonly lastEtag?: string | undefined;
  readonly signal: AbortSignal;
}

/** Seconds after which the server answers although nothing changed, so that a dead connection is noticed. */
const POLL_SECONDS = 60;
/** Milliseconds on top of that for the answer to arrive. */
const MARGIN_MS = 5_000;
/** Characters. No value that is read here is longer; a captive portal's page would be. */
const LONGEST_VALUE = 1_000;

/**
 * Waits for a value of the metadata server.
 * Source: https://cloud.google.com/compute/docs/metadata/querying-metadata#waitforchange
 * @throws Error where the metadata server does not answer, or another server does
 */
export async function metadataValue({ metadataUrl, path, lastEtag, signal }: MetadataOptions): Promise<MetadataValue> {
  const url = new URL(`${metadataUrl}/computeMetadata/v1/${path}`);
  if (lastEtag !== undefined) {
    url.searchParams.set("wait_for_change", "true");
    url.searchParams.set("last_etag", lastEtag);
    url.searchParams.set("timeout_sec", String(POLL_SECONDS));
  }
  const limit = POLL_SECONDS * 1000 + MARGIN_MS;
  const { statusCode, headers, body } = await request(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(limit)]),
    headersTimeout: limit,
    headers: { "metadata-flavor": "Google" },
  });
  const text = await body.text();
  // Another server that answers under this name must not be able to stop the process.
  if (statusCode !== 200 || headers["metadata-flavor"] !== "Google" || text.length > LONGEST_VALUE) {
    throw new Error(`the metadata server answered ${statusCode} for ${path}`);
  }
  return { text: text.trim(), etag: typeof headers.etag === "string" ? headers.etag : "0" };
}
