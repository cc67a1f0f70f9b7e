import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";

const labels = z.record(z.string(), z.string());
/** What Alertmanager sends to a webhook, version 4, as far as it is used. */
const payload = z.object({
  status: z.enum(["firing", "resolved"]),
  groupLabels: labels,
  alerts: z.array(z.object({ status: z.enum(["firing", "resolved"]), labels, annotations: labels })),
});

/** A message of Alertmanager. */
export interface Message extends z.output<typeof payload> {
  /** Name of the route's receiver. */
  readonly receiver: string;
  /** `slack` or `email`: who would have got it. */
  readonly channel: string;
}

export interface MessageReceiver {
  /** Without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Listens on a free loopback port for what `sentToWebhook` sends on. */
export async function receiveMessages(onMessage: (message: Message) => void): Promise<MessageReceiver> {
  const server = createServer((request, response) => {
    const [, receiver = "", channel = ""] = (request.url ?? "").split("/");
    json(request)
      .then((body) => onMessage({ receiver, channel, ...payload.parse(body) }))
      .then(
        () => response.writeHead(200).end(),
        // Alertmanager logs it, and does not try again.
        (thrown: unknown) => response.writeHead(400).end(String(thrown)),
      );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
