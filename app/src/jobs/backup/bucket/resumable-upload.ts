import { createHash } from "node:crypto";
import { z } from "zod";
import { dump, GoogleApiError, type GoogleClient, TRIES } from "../../google/google-client";

/** Bytes of a chunk: a multiple of 256 KiB, as Cloud Storage requires; what is lost with a connection is sent again. */
export const CHUNK_BYTES = 8 * 1024 * 1024;
/** So far, so good: send what follows `Range`. https://cloud.google.com/storage/docs/performing-resumable-uploads */
const INCOMPLETE = 308;

const objectSchema = z.object({ size: z.string(), md5Hash: z.string().optional() });

/** A piece of the content. */
interface Chunk {
  readonly data: Buffer;
  readonly last: boolean;
}

export interface ResumableUploadOptions {
  readonly client: GoogleClient;
  /** URL of the upload's session. */
  readonly session: string;
  /** @default 8 MiB */
  readonly chunkBytes?: number | undefined;
}

/**
 * Sends content of unknown length into a session of Cloud Storage. Where a connection breaks, a status request returns
 * how far it got, and the rest is sent. The object is there once its last byte is, and not before.
 * @throws Error where it cannot be finished, or where the server has something else than was sent
 */
export class ResumableUpload {
  readonly #options: ResumableUploadOptions;
  readonly #md5 = createHash("md5");
  /** Bytes that the server has. */
  #offset = 0;
  /** Bytes of the content so far. */
  #sent = 0;

  constructor(options: ResumableUploadOptions) {
    this.#options = options;
  }

  async send(content: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks(content, this.#options.chunkBytes ?? CHUNK_BYTES)) {
      this.#md5.update(chunk.data);
      this.#sent += chunk.data.length;
      const stored = await this.#sendChunk(chunk);
      if (chunk.last) return this.#check(stored);
    }
  }

  /** @returns the object's description after the last chunk */
  async #sendChunk({ data, last }: Chunk): Promise<string> {
    const { client } = this.#options;
    const end = this.#offset + data.length;
    const total = last ? String(end) : "*";
    let failed = 0;
    let body = data;
    for (;;) {
      const before = this.#offset;
      const answer = await this.#put(body, total).catch(() => undefined);
      if (answer?.stored !== undefined) return answer.stored;
      // After a failure, an empty request returns how many bytes have arrived.
      const known = answer ?? (await this.#storedSoFar(total));
      if (known.stored !== undefined) return known.stored;
      this.#offset = known.offset;
      if (this.#offset < before || this.#offset > end)
        throw new Error(`the upload went from byte ${before} to ${this.#offset}`);
      if (this.#offset === end && !last) return "";
      failed = this.#offset > before ? 0 : failed + 1;
      if (failed === TRIES) throw new Error(`no byte after ${this.#offset} could be sent`);
      if (failed > 0) await client.pause(failed);
      body = data.subarray(data.length - (end - this.#offset));
    }
  }

  async #put(data: Buffer, total: string): Promise<Progress> {
    const first = this.#offset;
    const range = data.length === 0 ? `bytes */${total}` : `bytes ${first}-${first + data.length - 1}/${total}`;
    const { client, session: url } = this.#options;
    const response = await client.send({ method: "PUT", url, headers: { "content-range": range }, body: data });
    return progress(response);
  }

  async #storedSoFar(total: string): Promise<Progress> {
    const { client, session: url } = this.#options;
    const headers = { "content-range": `bytes */${total}` };
    return progress(await client.sendWithRetries({ method: "PUT", url, headers, accept: [200, 201, INCOMPLETE] }));
  }

  #check(stored: string): void {
    const { size, md5Hash } = objectSchema.parse(JSON.parse(stored));
    if (Number(size) !== this.#sent) throw new Error(`the object has ${size} bytes of ${this.#sent} that were sent`);
    const md5 = this.#md5.digest("base64");
    if (md5Hash !== undefined && md5Hash !== md5) throw new Error("the object's MD5 is not that of what was sent");
  }
}

interface Progress {
  readonly offset: number;
  /** The object's description, once it is whole. */
  readonly stored: string | undefined;
}

async function progress(response: Awaited<ReturnType<GoogleClient["send"]>>): Promise<Progress> {
  const { statusCode, headers, body } = response;
  if (statusCode === 200 || statusCode === 201) return { offset: 0, stored: await body.text() };
  if (statusCode !== INCOMPLETE) throw new GoogleApiError("resumable upload", statusCode, await body.text());
  await dump(body);
  const end = /^bytes=0-(\d+)$/.exec(String(headers.range))?.[1];
  return { offset: end === undefined ? 0 : Number(end) + 1, stored: undefined };
}

/** The content in pieces of the given size; the last one may be shorter, or empty where there is nothing at all. */
async function* chunks(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Chunk> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    held.push(piece);
    bytes += piece.length;
    // One byte more than a piece, because the last one must be marked as such.
    while (bytes > size) {
      const all = Buffer.concat(held);
      yield { data: all.subarray(0, size), last: false };
      held = [all.subarray(size)];
      bytes -= size;
    }
  }
  yield { data: Buffer.concat(held), last: true };
}
