import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** An answer as it came over the connection. */
export interface RawAnswer {
  /** NaN: the connection ended without one. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Everything that was sent, up to the end of the connection. */
  readonly all: string;
}

/** What a server answers to bytes as they are, up to the end of the connection; the requests in them must end it. */
export async function sendBytes(url: string, bytes: string | Uint8Array): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  const all = await text(socket);
  const [head = "", ...body] = all.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: body.join("\r\n\r\n"), all };
}
