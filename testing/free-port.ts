import { once } from "node:events";
import { createServer } from "node:net";

/** A free TCP port of the loopback interface: the preferred one where it is free. */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer();
  server.listen(preferred, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (thrown) {
    if (preferred === 0) throw thrown;
    return freePort();
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The server listens on no TCP port.");
  return address.port;
}
