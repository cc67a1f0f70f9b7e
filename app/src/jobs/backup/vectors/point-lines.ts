import { z } from "zod";
import type { Point, VectorCollection } from "../../../retrieval/vector-store";

/** Points that are read, and written, at once. */
const PAGE = 256;

/** `vector`: 32-bit floats, lowest byte first, in base64: exact, and a third of their size as text. */
const lineSchema = z.object({ id: z.string(), vector: z.base64(), payload: z.record(z.string(), z.json()) });

/** Every point of a collection as a line of JSON, in the order of ids. */
export async function* pointsAsLines(collection: VectorCollection): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const page = await collection.scroll({ limit: PAGE, after });
    for (const { id, vector, payload } of page.points) {
      yield JSON.stringify({ id, vector: encoded(vector), payload });
    }
    after = page.next;
  } while (after !== undefined);
}

export async function addLines(collection: VectorCollection, lines: AsyncIterable<string>): Promise<void> {
  let page: Point[] = [];
  for await (const line of lines) {
    const { id, vector, payload } = lineSchema.parse(JSON.parse(line));
    page.push({ id, vector: decoded(vector), payload });
    if (page.length < PAGE) continue;
    await collection.upsert(page);
    page = [];
  }
  await collection.upsert(page);
}

function encoded(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

function decoded(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
