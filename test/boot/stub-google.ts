import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const TOKEN = "ya29.stub-token";
export const ACCOUNT = "llm-vm@terrace-test.iam.gserviceaccount.com";

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A metadata server, Cloud Storage, Secret Manager and vLLM's metrics on one loopback port. */
export class StubGoogle {
  /** Bucket content by `bucket/object`. */
  readonly objects = new Map<string, Buffer>();
  /** Secret values by name. */
  readonly secrets = new Map<string, string>();
  /** Status with which storage refuses everything. 0 serves. */
  refuseWith = 0;
  /** Bytes after which the next download of an object breaks off, by `bucket/object`. */
  readonly breakAfterBytes = new Map<string, number>();
  /** Requests to storage, with the Range header: `GET bucket/object bytes=5-`. */
  readonly requests: string[] = [];
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
    if (path.startsWith("/computeMetadata/")) this.answerMetadata(path, request, response);
    else if (path === "/metrics") this.send(response, this.metrics === undefined ? 503 : 200, this.metrics ?? "");
    else if (request.headers.authorization !== `Bearer ${TOKEN}`) this.send(response, 401, "no token");
    else if (path.startsWith("/v1/projects/")) this.answerSecret(path, response);
    else this.answerStorage(path.slice(1), request, response);
  }

  private send(response: ServerResponse, status: number, body: string): void {
    response.writeHead(status).end(body);
  }

  private answerMetadata(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (request.headers["metadata-flavor"] !== "Google") return this.send(response, 403, "no flavor");
    if (path.endsWith("/token")) {
      return this.send(response, 200, JSON.stringify({ access_token: TOKEN, expires_in: 3599, token_type: "Bearer" }));
    }
    if (path.endsWith("/email")) return this.send(response, 200, ACCOUNT);
    this.send(response, 404, "");
  }

  private answerSecret(path: string, response: ServerResponse): void {
    const [, name] = /^\/v1\/projects\/terrace-test\/secrets\/([^/]+)\/versions\/latest:access$/.exec(path) ?? [];
    const value = name === undefined ? undefined : this.secrets.get(name);
    if (this.refuseWith !== 0) return this.send(response, this.refuseWith, "{}");
    if (value === undefined) return this.send(response, 404, "{}");
    // As the service prints it: several lines, other fields beside.
    const payload = { data: Buffer.from(value).toString("base64"), dataCrc32c: "1" };
    this.send(response, 200, JSON.stringify({ name, payload }, null, 2));
  }

  private answerStorage(object: string, request: IncomingMessage, response: ServerResponse): void {
    const { range } = request.headers;
    this.requests.push(["GET", object, ...(range === undefined ? [] : [range])].join(" "));
    const content = this.objects.get(object);
    if (this.refuseWith !== 0) return this.send(response, this.refuseWith, "AccessDenied");
    if (content === undefined) return this.send(response, 404, "NoSuchKey");
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    if (range !== undefined && from >= content.length) return this.send(response, 416, "InvalidRange");
    const rest = content.subarray(from);
    response.writeHead(range === undefined ? 200 : 206, {
      "content-length": rest.length,
      ...(range === undefined ? {} : { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    const breakAfter = this.breakAfterBytes.get(object);
    if (breakAfter === undefined) return void response.end(rest);
    this.breakAfterBytes.delete(object);
    response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
  }
}
