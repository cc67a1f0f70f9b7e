import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";

/** A metadata server that keeps a request waiting until its value is not the one of `last_etag`. */
export async function startMetadataWatch(options: { readonly port?: number; readonly flavor?: string } = {}) {
  const values = new Map([
    ["/computeMetadata/v1/instance/preempted", "FALSE"],
    ["/computeMetadata/v1/instance/maintenance-event", "NONE"],
  ]);
  const waiting = new Set<{ readonly path: string; readonly response: ServerResponse }>();
  const asked: { readonly path: string; readonly query: URLSearchParams; readonly flavor: unknown }[] = [];
  const changed = { waiters: new Set<() => void>() };
  let generation = 1;

  function answer(path: string, response: ServerResponse): void {
    response.setHeader("etag", `e${generation}`);
    response.setHeader("metadata-flavor", options.flavor ?? "Google");
    response.end(values.get(path));
  }

  function release(): void {
    const entries = [...waiting];
    waiting.clear();
    for (const { path, response } of entries) answer(path, response);
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://metadata");
    asked.push({ path: pathname, query: searchParams, flavor: request.headers["metadata-flavor"] });
    const entry = { path: pathname, response };
    if (searchParams.get("wait_for_change") === "true" && searchParams.get("last_etag") === `e${generation}`) {
      waiting.add(entry);
      response.on("close", () => waiting.delete(entry));
    } else answer(pathname, response);
    for (const wake of changed.waiters) wake();
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");

  const metadata = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    asked,
    /** Resolves when both values are being waited for. */
    bothWait: () =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (waiting.size < 2) return;
          changed.waiters.delete(look);
          resolve();
        };
        changed.waiters.add(look);
        look();
      }),
    set(name: "preempted" | "maintenance-event", value: string) {
      values.set(`/computeMetadata/v1/instance/${name}`, value);
      generation += 1;
      release();
    },
    /** Answers what waits without a change, as after `timeout_sec`. */
    timeOut: release,
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  return metadata;
}
