/**
 * The load generator, in a process of its own. Takes its orders over Node's IPC channel, keeps a number of connections
 * busy, each with one request at a time, for so many seconds, checks every answer, and sends its figures back.
 */
import { connect, type Socket } from "node:net";
import { Answer } from "./answer";
import { type LoadFigures, loadOrderSchema, type Said } from "./load-order";

/** One answer in so many is read event by event; of the others the events are counted. */
const READ_EVERY = 64;

/** One keep-alive connection. Plain sockets, because an HTTP client would cost more than what is measured. */
class Connection {
  readonly #socket: Socket;
  readonly #request: string;
  #answer = new Answer();
  #sentAt = 0;
  #firstMs = 0;
  #settle: { resolve: (timed: Timed) => void; reject: (error: Error) => void } | undefined;

  constructor(port: number, request: string) {
    this.#request = request;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (part) => this.#receive(part));
    this.#socket.on("error", (error) => this.#settle?.reject(error));
    this.#socket.on("close", () => this.#settle?.reject(new Error("the connection was closed")));
  }

  ask(): Promise<Timed> {
    this.#answer = new Answer();
    this.#firstMs = 0;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#sentAt = performance.now();
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #receive(part: Buffer): void {
    const complete = this.#answer.push(part);
    if (this.#firstMs === 0 && this.#answer.began) this.#firstMs = performance.now() - this.#sentAt;
    if (!complete) return;
    const totalMs = performance.now() - this.#sentAt;
    this.#settle?.resolve({ answer: this.#answer, firstMs: this.#firstMs, totalMs });
  }
}

interface Timed {
  readonly answer: Answer;
  readonly firstMs: number;
  readonly totalMs: number;
}

/** Checks answers against the first one: the same events, the same text, as many tokens. */
class Checker {
  #expected: Said | undefined;
  #count = 0;

  constructor(expected: Said | undefined) {
    this.#expected = expected;
  }

  get expected(): Said | undefined {
    return this.#expected;
  }

  check(answer: Answer): void {
    this.#count += 1;
    const events = answer.countEvents();
    if (this.#expected !== undefined && this.#count % READ_EVERY !== 1) {
      if (events !== this.#expected.events) throw new Error(`${events} events, not ${this.#expected.events}`);
      return;
    }
    const said = answer.read();
    this.#expected ??= said;
    if (JSON.stringify(said) !== JSON.stringify(this.#expected))
      throw new Error(`${JSON.stringify(said)} is not ${JSON.stringify(this.#expected)}`);
  }
}

process.on("message", (message: unknown) => {
  run(message).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function run(message: unknown): Promise<LoadFigures> {
  const { port, path, headers, body, connections, seconds, expected } = loadOrderSchema.parse(message);
  const head = { host: `127.0.0.1:${port}`, "content-type": "application/json", ...headers };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `POST ${path} HTTP/1.1\r\n${lines.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const checker = new Checker(expected);
  const firstMs: number[] = [];
  const totalMs: number[] = [];
  const startedAt = performance.now();
  const worker = async () => {
    const connection = new Connection(port, request);
    try {
      while (performance.now() - startedAt < seconds * 1_000) {
        const timed = await connection.ask();
        checker.check(timed.answer);
        firstMs.push(timed.firstMs);
        totalMs.push(timed.totalMs);
      }
    } finally {
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const elapsed = (performance.now() - startedAt) / 1_000;
  if (checker.expected === undefined) throw new Error("no answer came");
  return { requests: totalMs.length, seconds: elapsed, firstMs, totalMs, said: checker.expected };
}
