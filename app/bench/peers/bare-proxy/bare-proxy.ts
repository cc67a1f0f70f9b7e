/**
 * What a proxy on Node costs at the least: node:http in front, undici behind, bytes from one to the other. No
 * authentication, no validation, no queue, no metrics, no log. Usage: node bare-proxy.js ORIGIN PORT
 */
import { createServer } from "node:http";
import { Pool } from "undici";

const [origin = "", port] = process.argv.slice(2);
const upstream = new Pool(origin);

const server = createServer({ keepAliveTimeout: 620_000 }, (request, response) => {
  const { method = "POST", url = "/", headers } = request;
  const { "content-type": type = "", "content-length": length = "" } = headers;
  upstream
    .stream(
      { method, path: url, headers: { "content-type": type, "content-length": length }, body: request },
      ({ statusCode, headers: given }) => {
        response.writeHead(statusCode, { "content-type": String(given["content-type"]), "cache-control": "no-cache" });
        return response;
      },
    )
    .catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
});

server.listen(Number(port), "127.0.0.1");
