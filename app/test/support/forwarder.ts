import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** An address whose connections go to another one, which may change. */
export async function startForwarder(first: string) {
  let target = new URL(first);
  const open = new Set<Socket>();
  const server = createServer((inward) => {
    open.add(inward);
    inward.on("close", () => open.delete(inward));
    const outward = connect(Number(target.port), target.hostname);
    inward.pipe(outward).pipe(inward);
    for (const [one, other] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    forwardTo(url: string) {
      target = new URL(url);
    },
    /** Refuses connections from now on, and ends those that are open. */
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
