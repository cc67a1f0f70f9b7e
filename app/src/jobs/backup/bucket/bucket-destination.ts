import { z } from "zod";
import { dump, GoogleApiError, type GoogleClient, TRIES } from "../../google/google-client";
import { BackupError } from "../backup-error";
import type { BackupDestination, StoredObject } from "../destination";
import { ResumableUpload } from "./resumable-upload";

const pageSchema = z.object({
  items: z.array(z.object({ name: z.string(), size: z.string() })).default([]),
  nextPageToken: z.string().optional(),
});

export interface BucketDestinationOptions {
  readonly client: GoogleClient;
  /** Cloud Storage's endpoint. */
  readonly storageUrl: string;
  readonly bucket: string;
  /** Path segments joined by `/`; empty for the whole bucket. */
  readonly prefix: string;
  /** Bytes of a chunk of an upload. @default 8 MiB */
  readonly chunkBytes?: number | undefined;
}

/**
 * Backups in a bucket of Cloud Storage, by its JSON API. Making a backup needs `storage.objects.create` and, to read it
 * again, `.get` and `.list`: nothing is overwritten. `--keep-days` needs `.delete` too.
 * https://cloud.google.com/storage/docs/json_api/v1
 */
export class BucketDestination implements BackupDestination {
  readonly #options: BucketDestinationOptions;

  constructor(options: BucketDestinationOptions) {
    this.#options = options;
  }

  get address(): string {
    return `gs://${this.#options.bucket}/${this.#options.prefix}`.replace(/\/$/, "");
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { client, storageUrl, bucket, chunkBytes } = this.#options;
    // A generation of 0: it must not be there.
    const query = new URLSearchParams({ uploadType: "resumable", name: this.#full(name), ifGenerationMatch: "0" });
    const { headers, body } = await client.sendWithRetries({
      method: "POST",
      url: `${storageUrl}/upload/storage/v1/b/${bucket}/o?${query}`,
      headers: { "x-upload-content-type": "application/octet-stream" },
    });
    await dump(body);
    const { location } = headers;
    if (typeof location !== "string") throw new Error("Cloud Storage opened no session for an upload");
    await new ResumableUpload({ client, session: location, chunkBytes }).send(content);
  }

  /** A connection that breaks is followed by one that goes on where it ended. */
  async *read(name: string): AsyncGenerator<Uint8Array> {
    const { client } = this.#options;
    let offset = 0;
    for (let failed = 0; ; ) {
      const before = offset;
      try {
        const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
        const response = await client.sendWithRetries({
          url: `${this.#url(name)}?alt=media`,
          headers,
          accept: [200, 206, 416],
        });
        // Nothing follows the last byte.
        if (response.statusCode === 416) return dump(response.body);
        for await (const chunk of response.body) {
          const data: unknown = chunk;
          if (!(data instanceof Uint8Array)) throw new TypeError("an answer's body is bytes");
          offset += data.length;
          yield data;
        }
        return;
      } catch (thrown) {
        if (thrown instanceof GoogleApiError) {
          if (thrown.status === 404) throw new BackupError(`there is no ${name} in ${this.address}`);
          throw thrown;
        }
        failed = offset > before ? 1 : failed + 1;
        if (failed === TRIES) throw thrown;
        await client.pause(failed);
      }
    }
  }

  async list(): Promise<readonly StoredObject[]> {
    const { client, storageUrl, bucket } = this.#options;
    const objects: StoredObject[] = [];
    let pageToken: string | undefined;
    do {
      const query = new URLSearchParams({ prefix: this.#full(""), fields: "items(name,size),nextPageToken" });
      if (pageToken !== undefined) query.set("pageToken", pageToken);
      const page = pageSchema.parse(await client.json({ url: `${storageUrl}/storage/v1/b/${bucket}/o?${query}` }));
      for (const { name, size } of page.items)
        objects.push({ name: name.slice(this.#full("").length), bytes: Number(size) });
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return objects;
  }

  async delete(name: string): Promise<void> {
    try {
      const request = { method: "DELETE", url: this.#url(name), accept: [200, 204, 404] } as const;
      await dump((await this.#options.client.sendWithRetries(request)).body);
    } catch (thrown) {
      if (thrown instanceof GoogleApiError && (thrown.status === 403 || thrown.status === 412)) {
        throw new BackupError(`${this.address} keeps ${name}: ${thrown.message}`);
      }
      throw thrown;
    }
  }

  #full(name: string): string {
    const { prefix } = this.#options;
    return prefix === "" ? name : `${prefix}/${name}`;
  }

  #url(name: string): string {
    const { storageUrl, bucket } = this.#options;
    return `${storageUrl}/storage/v1/b/${bucket}/o/${encodeURIComponent(this.#full(name))}`;
  }
}
