import { createHash } from "node:crypto";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { z } from "zod";
import { DamagedPartError } from "./backup-error";
import type { BackupDestination } from "./destination";

/** A file of a backup. Its name holds no folder: a manifest comes from outside. */
export const partSchema = z.object({
  file: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type Part = z.output<typeof partSchema>;

/** Lines of text, compressed. */
export const linesPartSchema = partSchema.extend({
  lines: z.int().nonnegative(),
  /** Of the lines, unpacked. @default unknown: a release before this field made the backup */
  linesBytes: z.int().nonnegative().optional(),
  /** SHA-256 of the lines, each ended by a line feed: of what is inside, which can be computed again from the data. */
  linesSha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type LinesPart = z.output<typeof linesPartSchema>;

/** The parts of one backup, at its destination. */
export class Parts {
  readonly #destination: BackupDestination;
  readonly #id: string;
  readonly #signal: AbortSignal | undefined;
  readonly #written: string[] = [];

  /** @param signal ends whatever is read or written */
  constructor(destination: BackupDestination, id: string, signal?: AbortSignal) {
    this.#destination = destination;
    this.#id = id;
    this.#signal = signal;
  }

  async write(file: string, content: AsyncIterable<Uint8Array>): Promise<Part> {
    const tally = new Tally();
    this.#written.push(file);
    await this.#destination.write(`${this.#id}/${file}`, this.#counted(content, tally));
    return { file, ...tally.result() };
  }

  /** Deletes what was written, as far as the destination lets it: a backup that has failed is of no use to anybody. */
  async discard(): Promise<void> {
    for (const file of this.#written.splice(0)) {
      await this.#destination.delete(`${this.#id}/${file}`).catch(() => {});
    }
  }

  async writeLines(file: string, lines: AsyncIterable<string>): Promise<LinesPart> {
    const inside = new Tally();
    let count = 0;
    const text = async function* () {
      for await (const line of lines) {
        const bytes = Buffer.from(`${line}\n`);
        inside.add(bytes);
        count += 1;
        yield bytes;
      }
    };
    let part: Part | undefined;
    await through(text(), createGzip(), async (compressed) => {
      part = await this.write(file, compressed);
    });
    if (part === undefined) throw new Error(`${file} was not written`);
    const { bytes: linesBytes, sha256: linesSha256 } = inside.result();
    return { ...part, lines: count, linesBytes, linesSha256 };
  }

  /** The part's bytes. @throws DamagedPartError, at the end, where they are not what was written */
  async *read(part: Part): AsyncGenerator<Uint8Array> {
    const tally = new Tally();
    yield* this.#counted(this.#destination.read(`${this.#id}/${part.file}`), tally);
    const { bytes, sha256 } = tally.result();
    if (bytes !== part.bytes) throw new DamagedPartError(part.file, `it has ${bytes} bytes, not ${part.bytes}`);
    if (sha256 !== part.sha256) throw new DamagedPartError(part.file, `its SHA-256 is ${sha256}, not ${part.sha256}`);
  }

  /**
   * Gives the part's lines to a reader, which must read them all.
   * @throws DamagedPartError where they are not what was written; the reader has then seen what could be read
   */
  async readLines(part: LinesPart, reader: (lines: AsyncIterable<string>) => Promise<void>): Promise<void> {
    const inside = new Tally();
    let count = 0;
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const line of linesOf(chunks)) {
        inside.add(Buffer.from(`${line}\n`));
        count += 1;
        yield line;
      }
    };
    try {
      await through(this.read(part), createGunzip(), (chunks) => reader(counted(chunks)));
    } catch (thrown) {
      const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
      if (code.startsWith("Z_")) throw new DamagedPartError(part.file, `it cannot be unpacked (${code})`);
      throw thrown;
    }
    if (count !== part.lines) throw new DamagedPartError(part.file, `it has ${count} lines, not ${part.lines}`);
    if (inside.result().sha256 !== part.linesSha256) throw new DamagedPartError(part.file, "its lines have changed");
  }

  async *#counted(content: AsyncIterable<Uint8Array>, tally: Tally): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.#signal?.throwIfAborted();
      tally.add(chunk);
      yield chunk;
    }
  }
}

/**
 * Reads a source through a transform. Of several failures, of which all but one follow from another, the first is
 * thrown.
 */
async function through(
  source: AsyncIterable<Uint8Array>,
  transform: Duplex,
  reader: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const failed = (thrown: unknown): never => {
    failures.push(thrown);
    throw thrown;
  };
  const watched = async function* () {
    const chunks = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await chunks.next().catch(failed);
        if (next.done === true) return;
        // What the pipeline throws in here follows from a failure elsewhere.
        yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  };
  let reading: Promise<void> = Promise.resolve();
  try {
    await pipeline(Readable.from(watched()), transform, (chunks: AsyncIterable<Uint8Array>) => {
      reading = reader(chunks).catch(failed);
      return reading;
    });
  } catch (thrown) {
    // The pipeline may end, with an AbortError, before the reader's own error is out.
    await reading.catch(() => {});
    throw failures.length > 0 ? failures[0] : thrown;
  }
}

/** SHA-256 of lines, each ended by a line feed. */
export async function sha256OfLines(lines: AsyncIterable<string>): Promise<string> {
  const tally = new Tally();
  for await (const line of lines) tally.add(Buffer.from(`${line}\n`));
  return tally.result().sha256;
}

class Tally {
  readonly #hash = createHash("sha256");
  #bytes = 0;

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Once. */
  result(): Pick<Part, "bytes" | "sha256"> {
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
