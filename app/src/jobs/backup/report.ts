/** Milliseconds between two lines about the same work. */
const EVERY_MS = 5_000;

/** Lines for the terminal. */
export class Report {
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  line(text: string): void {
    this.#print(text);
  }

  /** The items, counted: a line every 5 s and one at the end. */
  async *counted<T>(items: AsyncIterable<T>, what: string): AsyncGenerator<T> {
    let count = 0;
    let printedAt = performance.now();
    for await (const item of items) {
      count += 1;
      if (performance.now() - printedAt > EVERY_MS) {
        printedAt = performance.now();
        this.#print(`  ${what}: ${shown(count)} …`);
      }
      yield item;
    }
    this.#print(`  ${what}: ${shown(count)}`);
  }

  /** The chunks, their bytes counted likewise. */
  async *bytes(chunks: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    let printedAt = performance.now();
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (performance.now() - printedAt > EVERY_MS) {
        printedAt = performance.now();
        this.#print(`  ${what}: ${megabytes(bytes)} …`);
      }
      yield chunk;
    }
    this.#print(`  ${what}: ${megabytes(bytes)}`);
  }
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}

export function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
