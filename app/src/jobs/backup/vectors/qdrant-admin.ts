import { Readable } from "node:stream";
import { type Dispatcher, request } from "undici";
import { z } from "zod";
import { BackupError } from "../backup-error";

/** Milliseconds for an answer: a snapshot of a million vectors is written, or read, in minutes. */
const TIMEOUT_MS = 30 * 60_000;

const snapshotSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9._-]+$/),
  size: z.number(),
  /** SHA-256 of the file. */
  checksum: z.string().nullish(),
});
const aliasesSchema = z.object({ aliases: z.array(z.object({ alias_name: z.string(), collection_name: z.string() })) });
const collectionsSchema = z.object({ collections: z.array(z.object({ name: z.string() })) });
const clusterSchema = z.object({ status: z.string(), peers: z.record(z.string(), z.unknown()).optional() });

export type SnapshotInfo = z.output<typeof snapshotSchema>;

/** A change of one alias; several are made together or not at all. */
export type AliasAction =
  | { readonly create_alias: { readonly alias_name: string; readonly collection_name: string } }
  | { readonly delete_alias: { readonly alias_name: string } };

export interface QdrantAdminOptions {
  /** REST endpoint. */
  readonly url: string;
  readonly apiKey?: string | undefined;
}

/**
 * What a backup needs of Qdrant beyond points: snapshots, which are streamed, aliases, collections. Methods throw a
 * BackupError where Qdrant refuses. https://qdrant.tech/documentation/concepts/snapshots/
 */
export class QdrantAdmin {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, apiKey }: QdrantAdminOptions) {
    this.#url = url;
    this.#headers = apiKey === undefined ? {} : { "api-key": apiKey };
  }

  /** Nodes that hold the data together. */
  async nodes(): Promise<number> {
    const { status, peers = {} } = clusterSchema.parse(await this.#json("GET", "/cluster"));
    return status === "enabled" ? Math.max(1, Object.keys(peers).length) : 1;
  }

  /** Collections by their aliases. */
  async aliases(): Promise<ReadonlyMap<string, string>> {
    const { aliases } = aliasesSchema.parse(await this.#json("GET", "/aliases"));
    return new Map(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
  }

  async collections(): Promise<readonly string[]> {
    const { collections } = collectionsSchema.parse(await this.#json("GET", "/collections"));
    return collections.map(({ name }) => name);
  }

  async changeAliases(actions: readonly AliasAction[]): Promise<void> {
    await this.#json("POST", "/collections/aliases", JSON.stringify({ actions }));
  }

  /** A collection that is not there is no error. */
  async deleteCollection(name: string): Promise<void> {
    await this.#json("DELETE", collectionPath(name));
  }

  async createSnapshot(collection: string): Promise<SnapshotInfo> {
    return snapshotSchema.parse(await this.#json("POST", `${collectionPath(collection)}/snapshots?wait=true`));
  }

  async *readSnapshot(collection: string, snapshot: string): AsyncGenerator<Uint8Array> {
    const { body } = await this.#send("GET", `${collectionPath(collection)}/snapshots/${encodeURIComponent(snapshot)}`);
    for await (const chunk of body) {
      const data: unknown = chunk;
      if (!(data instanceof Uint8Array)) throw new TypeError("an answer's body is bytes");
      yield data;
    }
  }

  async deleteSnapshot(collection: string, snapshot: string): Promise<void> {
    await this.#json("DELETE", `${collectionPath(collection)}/snapshots/${encodeURIComponent(snapshot)}?wait=true`);
  }

  /** Makes a collection of a snapshot's bytes. @param sha256 Qdrant refuses other bytes */
  async recover(collection: string, content: AsyncIterable<Uint8Array>, sha256: string): Promise<void> {
    const boundary = `terrace-${sha256.slice(0, 32)}`;
    const form = async function* () {
      yield `--${boundary}\r\ncontent-disposition: form-data; name="snapshot"; filename="collection.snapshot"\r\n`;
      yield "content-type: application/octet-stream\r\n\r\n";
      yield* content;
      yield `\r\n--${boundary}--\r\n`;
    };
    const path = `${collectionPath(collection)}/snapshots/upload?priority=snapshot&wait=true&checksum=${sha256}`;
    await this.#json("POST", path, Readable.from(form()), `multipart/form-data; boundary=${boundary}`);
  }

  async #json(method: Dispatcher.HttpMethod, path: string, body?: Body, type = "application/json"): Promise<unknown> {
    const response = await this.#send(method, path, body, type);
    return z.object({ result: z.unknown() }).parse(await response.body.json()).result;
  }

  async #send(method: Dispatcher.HttpMethod, path: string, body?: Body, type?: string): Promise<{ body: Answer }> {
    const response = await request(this.#url + path, {
      method,
      headers: { ...this.#headers, ...(body !== undefined && type !== undefined && { "content-type": type }) },
      body: body ?? null,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    if (response.statusCode === 200) return response;
    const text = (await response.body.text()).slice(0, 200);
    throw new BackupError(`Qdrant answered ${response.statusCode} to ${method} ${path.split("?")[0]}: ${text}`);
  }
}

type Body = string | Readable;
type Answer = Readable & { json(): Promise<unknown> };

function collectionPath(name: string): string {
  return `/collections/${encodeURIComponent(name)}`;
}
