import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const TOKEN = "ya29.stub-token";
export const ACCOUNT = "llm-vm@terrace-test.iam.gserviceaccount.com";

type Reply = readonly [status: number, body: string];

function reply(response: ServerResponse, [status, body]: Reply): void {
  response.writeHead(status).end(body);
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A metadata server, Cloud Storage, Secret Manager and vLLM's metrics on one loopback port. */
export class StubGoogle {
  /** Bucket content by `bucket/object`. */
  readonly objects = new Map<string, Buffer>();
  /** Secret values by name. */
  readonly secrets = new Map<string, string>();
  /** Attributes of the machine by key. */
  readonly attributes = new Map<string, string>();
  /** Questions that wait for the attributes to change, and the tag of what they are now. */
  private readonly waiting: ServerResponse[] = [];
  private tag = 1;
  /** Status with which storage refuses everything. 0 serves. */
  refuseWith = 0;
  /** Bytes after which the next download of an object breaks off, by `bucket/object`. */
  readonly breakAfterBytes = new Map<string, number>();
  /** Requests to storage, with the Range header: `GET bucket/object bytes=5-`. */
  readonly requests: string[] = [];
  /** Names in a page of a listing. */
  pageSize = 2;
  /** Body of `/metrics`; `undefined` answers 503. */
  metrics: string | undefined;
  private readonly server: Server = createServer((request, response) => this.answer(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    if (address === null || typeof address === "string") throw new Error("not listening on TCP");
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Answers whoever waits for the attributes to change. */
  changed(): void {
    this.tag += 1;
    for (const response of this.waiting.splice(0)) this.answerTag(response);
  }

  private answerTag(response: ServerResponse): void {
    response.writeHead(200, { etag: `tag${this.tag}` }).end("{}");
  }

  /** As the metadata server: at once where the tag is another, else when something changes. */
  private answerChange(path: string, response: ServerResponse): void {
    if (path.endsWith(`last_etag=tag${this.tag}`)) this.waiting.push(response);
    else this.answerTag(response);
  }

  /** Uploads a model with its manifest. */
  model(bucket: string, name: string, files: Readonly<Record<string, string | Buffer>>): void {
    const lines = Object.entries(files).map(([file, content]) => `${sha256(content)}  ${file}\n`);
    this.objects.set(`${bucket}/${name}/SHA256SUMS`, Buffer.from(lines.join("")));
    for (const [file, content] of Object.entries(files)) {
      this.objects.set(`${bucket}/${name}/${file}`, Buffer.from(content));
    }
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "/";
    const authorized = request.headers.authorization === `Bearer ${TOKEN}`;
    if (path.includes("wait_for_change=true")) this.answerChange(path, response);
    else if (path.startsWith("/computeMetadata/")) reply(response, this.metadata(path, request));
    else if (path === "/metrics") reply(response, [this.metrics === undefined ? 503 : 200, this.metrics ?? ""]);
    else if (!authorized) reply(response, [401, "no token"]);
    else if (path.startsWith("/v1/projects/")) reply(response, this.secret(path));
    else if (path.startsWith("/storage/v1/b/")) reply(response, this.listing(new URL(path, this.url)));
    else this.answerStorage(path.slice(1), request, response);
  }

  private metadata(path: string, request: IncomingMessage): Reply {
    if (request.headers["metadata-flavor"] !== "Google") return [403, "no flavor"];
    if (path.endsWith("/token")) {
      return [200, JSON.stringify({ access_token: TOKEN, expires_in: 3599, token_type: "Bearer" })];
    }
    const attribute = this.attributes.get(path.split("/attributes/")[1] ?? "");
    if (attribute !== undefined) return [200, attribute];
    return path.endsWith("/email") ? [200, ACCOUNT] : [404, ""];
  }

  private secret(path: string): Reply {
    const [, name] = /^\/v1\/projects\/terrace-test\/secrets\/([^/]+)\/versions\/latest:access$/.exec(path) ?? [];
    const value = name === undefined ? undefined : this.secrets.get(name);
    if (this.refuseWith !== 0) return [this.refuseWith, "{}"];
    if (value === undefined) return [404, "{}"];
    // As the service prints it: several lines, other fields beside.
    const payload = { data: Buffer.from(value).toString("base64"), dataCrc32c: "1" };
    return [200, JSON.stringify({ name, payload }, null, 2)];
  }

  /** `objects.list` with `matchGlob` for manifests, the only one that the scripts call. */
  private listing({ pathname, searchParams }: URL): Reply {
    const bucket = pathname.split("/")[4] ?? "";
    this.requests.push(`LIST ${bucket}`);
    if (this.refuseWith !== 0) return [this.refuseWith, "{}"];
    if (searchParams.get("matchGlob") !== "**/SHA256SUMS") return [400, "unexpected matchGlob"];
    const names = [...this.objects.keys()]
      .filter((key) => key.startsWith(`${bucket}/`) && key.endsWith("/SHA256SUMS"))
      .map((key) => key.slice(bucket.length + 1))
      .sort();
    const from = Number(searchParams.get("pageToken") || 0);
    const items = names.slice(from, from + this.pageSize).map((name) => ({ name }));
    const next = from + this.pageSize;
    return [200, JSON.stringify({ ...(next < names.length ? { nextPageToken: String(next) } : {}), items }, null, 2)];
  }

  private answerStorage(object: string, request: IncomingMessage, response: ServerResponse): void {
    const { range } = request.headers;
    this.requests.push(["GET", object, ...(range === undefined ? [] : [range])].join(" "));
    const content = this.objects.get(object);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    if (this.refuseWith !== 0) reply(response, [this.refuseWith, "AccessDenied"]);
    else if (content === undefined) reply(response, [404, "NoSuchKey"]);
    else if (range !== undefined && from >= content.length) reply(response, [416, "InvalidRange"]);
    else this.send(object, content, range === undefined ? undefined : from, response);
  }

  /** The object, or the part of it from an offset; breaks off once where a test plants that. */
  private send(object: string, content: Buffer, from: number | undefined, response: ServerResponse): void {
    const rest = content.subarray(from ?? 0);
    const last = content.length - 1;
    const part = from === undefined ? {} : { "content-range": `bytes ${from}-${last}/${content.length}` };
    response.writeHead(from === undefined ? 200 : 206, { "content-length": rest.length, ...part });
    const breakAfter = this.breakAfterBytes.get(object);
    if (breakAfter === undefined) {
      response.end(rest);
    } else {
      this.breakAfterBytes.delete(object);
      response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
    }
  }
}
