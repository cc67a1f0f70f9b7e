import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

interface Session {
  readonly name: string;
  data: Buffer;
}

/** Faults, each once for every request of it. */
export interface StorageFaults {
  /** Breaks the connection of the next chunk after so many of its bytes have been taken. */
  breakUploadAfter?: number | undefined;
  /** Breaks the next download after so many bytes. */
  breakDownloadAfter?: number | undefined;
  /** Answers the next requests with 503. */
  unavailable?: number;
  /** Forgets every session: whatever is being uploaded is lost. */
  forgetSessions?: boolean;
  /** Answers every deletion with 403, as a bucket whose retention is locked does. */
  retention?: boolean;
}

/** Multiples of this are what Cloud Storage takes for a chunk that is not the last. */
const CHUNK_UNIT = 256 * 1024;
/** Small, so that every list has pages. */
const PAGE = 3;

/**
 * A stand-in for Cloud Storage's JSON API, in memory: resumable uploads, downloads by range, lists in pages, deletion. It
 * is not Cloud Storage: any token is accepted, and no object has versions.
 */
export async function startStorage(token = "token-1") {
  const objects = new Map<string, Buffer>();
  const sessions = new Map<string, Session>();
  const faults: StorageFaults = {};
  let started = 0;

  function json(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  function refuse(response: ServerResponse, status: number, message: string): void {
    json(response, status, { error: { code: status, message } });
  }

  function open(url: URL, response: ServerResponse) {
    const name = url.searchParams.get("name") ?? "";
    if (objects.has(name) && url.searchParams.get("ifGenerationMatch") === "0") {
      return refuse(response, 412, "At least one of the pre-conditions you specified did not hold.");
    }
    started += 1;
    const id = `session-${started}`;
    sessions.set(id, { name, data: Buffer.alloc(0) });
    response.writeHead(200, { location: `${address()}/session/${id}` }).end();
  }

  async function take(request: IncomingMessage, session: Session, first: number): Promise<void> {
    for await (const chunk of request) {
      session.data = Buffer.concat([session.data, chunk]);
      const limit = faults.breakUploadAfter;
      if (limit === undefined || session.data.length - first < limit) continue;
      faults.breakUploadAfter = undefined;
      // What came is kept in whole units, as Cloud Storage does.
      session.data = session.data.subarray(0, first + limit - (limit % CHUNK_UNIT));
      request.socket.destroy();
      return;
    }
  }

  async function upload(request: IncomingMessage, response: ServerResponse, id: string) {
    const session = faults.forgetSessions ? undefined : sessions.get(id);
    if (session === undefined) return refuse(response, 410, "Gone");
    const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(request.headers["content-range"] ?? "");
    if (range === null) return refuse(response, 400, "no content-range");
    const [, first, last, total] = range;
    if (first !== undefined && Number(first) !== session.data.length)
      return refuse(response, 503, "not where you left off");
    if (total === "*" && last !== undefined && (Number(last) + 1 - Number(first)) % CHUNK_UNIT !== 0) {
      return refuse(response, 400, "a chunk must be a multiple of 256 KiB");
    }
    await take(request, session, session.data.length);
    if (request.socket.destroyed) return;
    const { name, data } = session;
    if (total !== "*" && data.length === Number(total)) {
      objects.set(name, data);
      sessions.delete(id);
      const md5Hash = createHash("md5").update(data).digest("base64");
      return json(response, 200, { name, size: String(data.length), md5Hash });
    }
    response.writeHead(308, data.length === 0 ? {} : { range: `bytes=0-${data.length - 1}` }).end();
  }

  function download(request: IncomingMessage, response: ServerResponse, name: string) {
    const object = objects.get(name);
    if (object === undefined) return refuse(response, 404, `No such object: ${name}`);
    const offset = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (offset > 0 && offset >= object.length) return refuse(response, 416, "Requested range not satisfiable");
    const rest = object.subarray(offset);
    response.writeHead(offset > 0 ? 206 : 200, { "content-length": rest.length });
    const limit = faults.breakDownloadAfter;
    if (limit === undefined || limit >= rest.length) {
      response.end(rest);
      return;
    }
    faults.breakDownloadAfter = undefined;
    response.write(rest.subarray(0, limit), () => response.destroy());
  }

  function list(url: URL, response: ServerResponse): void {
    const prefix = url.searchParams.get("prefix") ?? "";
    const from = Number(url.searchParams.get("pageToken") ?? 0);
    const names = [...objects.keys()].filter((name) => name.startsWith(prefix)).sort();
    const items = names.slice(from, from + PAGE).map((name) => ({ name, size: String(objects.get(name)?.length) }));
    json(response, 200, { items, ...(from + PAGE < names.length && { nextPageToken: String(from + PAGE) }) });
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://storage");
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(response, 401, "Invalid Credentials");
    if (faults.unavailable !== undefined && faults.unavailable > 0) {
      faults.unavailable -= 1;
      return refuse(response, 503, "Backend Error");
    }
    const session = /^\/session\/(.+)$/.exec(url.pathname)?.[1];
    if (session !== undefined) {
      upload(request, response, session).catch(() => response.destroy());
      return;
    }
    const name = /^\/storage\/v1\/b\/backups\/o\/(.+)$/.exec(url.pathname)?.[1];
    const of = decodeURIComponent(name ?? "");
    if (request.method === "POST" && url.pathname === "/upload/storage/v1/b/backups/o") return open(url, response);
    if (request.method === "GET" && url.pathname === "/storage/v1/b/backups/o") return list(url, response);
    if (request.method === "GET" && name !== undefined) return download(request, response, of);
    if (request.method === "DELETE" && name !== undefined) {
      if (faults.retention) return refuse(response, 403, "Object is subject to bucket's retention policy");
      response.writeHead(objects.delete(of) ? 204 : 404).end();
      return;
    }
    refuse(response, 404, `no route ${request.method} ${url.pathname}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  function address(): string {
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error("no TCP address");
    return `http://127.0.0.1:${bound.port}`;
  }

  return {
    url: address(),
    /** By their whole names. */
    objects,
    faults,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
