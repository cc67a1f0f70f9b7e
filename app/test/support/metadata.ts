import { once } from "node:events";
import { createServer } from "node:http";

/** Google's metadata server, as far as access tokens go, on a free port. */
export async function startMetadata() {
  let token = "token-1";
  let lifetimeSeconds = 3_600;
  let failing = false;
  let asked = 0;
  const server = createServer((request, response) => {
    // It refuses requests without this header, so that a confused browser or proxy gets no token.
    if (request.headers["metadata-flavor"] !== "Google") return response.writeHead(403).end();
    if (!request.url?.endsWith("/instance/service-accounts/default/token")) return response.writeHead(404).end();
    asked += 1;
    if (failing) return response.writeHead(503).end();
    const body = { access_token: token, expires_in: lifetimeSeconds, token_type: "Bearer" };
    return response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** How often a token was fetched. */
    asked: () => asked,
    /** From now on it hands this out. */
    give(next: string, seconds = 3_600) {
      token = next;
      lifetimeSeconds = seconds;
    },
    fail(value: boolean) {
      failing = value;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
