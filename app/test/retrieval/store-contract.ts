import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Filter } from "../../src/retrieval/filter";
import { pointId } from "../../src/retrieval/point-id";
import type { CollectionSpec, Payload, Point, VectorCollection, VectorStore } from "../../src/retrieval/vector-store";
import { dot, normalize } from "../../src/shared/vector";

const FIELDS = {
  user: "keyword",
  repo: "keywords",
  stars: "integer",
  rating: "float",
  draft: "boolean",
  date: "datetime",
} as const;

const DIM = 8;

const PAYLOADS: readonly Payload[] = [
  { user: "jimin", repo: ["shop", "web"], stars: 1, rating: 0.5, draft: false, date: "2026-11-01" },
  { user: "jimin", repo: ["web"], stars: 5, rating: 4.5, draft: true, date: "2026-11-10T09:30:00Z" },
  { user: "O'Brien", repo: [], stars: 5, rating: 2, draft: false, date: "2026-11-20T00:00:00+09:00" },
  { user: "민수", repo: ["shop"], stars: 10, rating: 3, draft: false, date: "2026-12-01", nested: { deep: [1, null] } },
  { note: "has none of the fields" },
  { user: "jimin", repo: null, stars: null, text: 'a "quoted" line\nand more' },
];

/** Unit vectors in a plane: the cosine between number i and j is cos((i − j)·10°). */
function turned(degrees: number): Float32Array {
  const vector = new Float32Array(DIM);
  vector[0] = Math.cos((degrees * Math.PI) / 180);
  vector[1] = Math.sin((degrees * Math.PI) / 180);
  return vector;
}

const POINTS: readonly Point[] = PAYLOADS.map((payload, index) => ({
  id: pointId("contract", index),
  vector: turned(index * 10),
  payload,
}));

/** A filter's meaning, evaluated in the plainest way. */
function matches(filter: Filter, payload: Payload): boolean {
  if ("and" in filter) return filter.and.every((part) => matches(part, payload));
  if ("or" in filter) return filter.or.some((part) => matches(part, payload));
  if ("not" in filter) return !matches(filter.not, payload);
  const stored = payload[filter.field];
  const values = (Array.isArray(stored) ? stored : [stored]).filter((value) => value !== undefined && value !== null);
  const isTime = filter.field === "date";
  const plain = (value: unknown) => (isTime ? Date.parse(String(value)) : value);
  if ("equals" in filter) return values.some((value) => plain(value) === plain(filter.equals));
  if ("in" in filter) return values.some((value) => filter.in.some((item) => plain(item) === plain(value)));
  const { from, to } = filter;
  // A range without bounds limits nothing.
  if (from === undefined && to === undefined) return true;
  return values.some((value) => {
    const at = Number(plain(value));
    return (from === undefined || at >= Number(plain(from))) && (to === undefined || at <= Number(plain(to)));
  });
}

const word = fc.constantFrom("jimin", "O'Brien", "민수", "nobody", "shop", "web", "%", "a;b--");
const day = fc.constantFrom("2026-11-01", "2026-11-10T09:30:00Z", "2026-11-19T15:00:00Z", "2026-12-31");
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ field: fc.constantFrom("user", "repo"), equals: word }),
  fc.record({ field: fc.constantFrom("user", "repo"), in: fc.array(word, { maxLength: 3 }) }),
  fc.record({ field: fc.constant("stars"), in: fc.array(fc.constantFrom(1, 5, 10), { maxLength: 3 }) }),
  fc.record({ field: fc.constant("draft"), equals: fc.boolean() }),
  fc.record({ field: fc.constant("rating"), equals: fc.constantFrom(0.5, 2, 4.5) }),
  fc.record({ field: fc.constant("date"), equals: day }),
  fc.record({
    field: fc.constant("date"),
    from: fc.option(day, { nil: undefined }),
    to: fc.option(day, { nil: undefined }),
  }),
  fc.record({
    field: fc.constantFrom("stars", "rating"),
    from: fc.option(fc.constantFrom(0, 1, 2.5, 5), { nil: undefined }),
    to: fc.option(fc.constantFrom(0, 3, 5, 10), { nil: undefined }),
  }),
);
const { filter: anyFilter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.record({ and: fc.array(tie("filter"), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie("filter"), { maxLength: 3 }) }),
    fc.record({ not: tie("filter") }),
  ),
}));

/** What every vector store does alike. */
export function storeContract(
  open: () => Promise<VectorStore>,
  reopen?: (store: VectorStore) => Promise<VectorStore>,
): void {
  let store: VectorStore;
  let serial = 0;
  const spec = (changes: Partial<CollectionSpec> = {}): CollectionSpec => {
    serial += 1;
    return { name: `contract_${serial}`, space: "test-embedder", dim: DIM, fields: FIELDS, ...changes };
  };
  const filled = async (points: readonly Point[] = POINTS): Promise<VectorCollection> => {
    const collection = await store.collection(spec());
    await collection.upsert(points);
    return collection;
  };

  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  it("answers a ping", async () => {
    await store.ping();
  });

  it("finds the nearest first, with their cosine and whole payload", async () => {
    const collection = await filled();
    const hits = await collection.search({ vector: turned(19), k: 3 });
    expect(hits.map((hit) => hit.id)).toEqual([POINTS[2]?.id, POINTS[1]?.id, POINTS[3]?.id]);
    expect(hits[0]?.payload).toEqual(PAYLOADS[2]);
    for (const [index, degrees] of [1, 9, 11].entries()) {
      expect(hits[index]?.score).toBeCloseTo(Math.cos((degrees * Math.PI) / 180), 4);
    }
  });

  it("takes a vector's direction alone", async () => {
    const collection = await filled();
    const long = turned(0).map((value) => value * 250);
    const id = pointId("long");
    await collection.upsert([{ id, vector: long, payload: {} }]);
    expect((await collection.get([id]))[0]?.vector[0]).toBeCloseTo(1, 5);
    expect((await collection.search({ vector: long, k: 1 }))[0]?.score).toBeCloseTo(1, 4);
  });

  it("leaves out what is less similar than minScore", async () => {
    const collection = await filled();
    const hits = await collection.search({ vector: turned(0), k: 10, minScore: Math.cos((15 * Math.PI) / 180) });
    expect(hits).toHaveLength(2);
  });

  it("finds nothing in an empty collection", async () => {
    const collection = await store.collection(spec());
    expect(await collection.search({ vector: turned(0), k: 5 })).toEqual([]);
    expect(await collection.count()).toBe(0);
    expect(await collection.scroll({ limit: 5 })).toEqual({ points: [], next: undefined });
  });

  it("filters by every kind of field exactly as a plain evaluation of the filter", async () => {
    const collection = await filled();
    await fc.assert(
      fc.asyncProperty(anyFilter, async (filter) => {
        const expected = POINTS.filter((point) => matches(filter, point.payload)).map((point) => point.id);
        const hits = await collection.search({ vector: turned(0), k: 10, filter });
        expect(hits.map((hit) => hit.id)).toEqual(expected);
        expect(await collection.count(filter)).toBe(expected.length);
      }),
      { numRuns: 60 },
    );
  });

  it("replaces a point whole, and of two with one id keeps the last", async () => {
    const collection = await filled();
    const id = POINTS[0]?.id ?? "";
    await collection.upsert([
      { id, vector: turned(80), payload: { user: "first" } },
      { id, vector: turned(90), payload: { user: "last" } },
    ]);
    expect(await collection.count()).toBe(POINTS.length);
    const [point] = await collection.get([id]);
    expect(point?.payload).toEqual({ user: "last" });
    expect(dot(point?.vector ?? turned(0), turned(90))).toBeCloseTo(1, 5);
    expect(await collection.count({ field: "user", equals: "first" })).toBe(0);
  });

  it("deletes by id and by filter, and ignores unknown ids", async () => {
    const collection = await filled();
    await collection.delete([POINTS[0]?.id ?? "", pointId("nobody")]);
    await collection.deleteWhere({ field: "user", equals: "O'Brien" });
    await collection.deleteWhere({ or: [] });
    const left = (await collection.scroll({ limit: 10 })).points.map((point) => point.id);
    expect(new Set(left)).toEqual(new Set([1, 3, 4, 5].map((index) => POINTS[index]?.id)));
    await collection.deleteWhere({ and: [] });
    expect(await collection.count()).toBe(0);
  });

  it("gets points in the order of the requested ids", async () => {
    const collection = await filled();
    const ids = [3, 0].map((index) => POINTS[index]?.id ?? "");
    const points = await collection.get([ids[0] ?? "", pointId("nobody"), ids[1] ?? ""]);
    expect(points.map((point) => point.payload)).toEqual([PAYLOADS[3], PAYLOADS[0]]);
  });

  it("scrolls through more than a batch, each point once, in the order of ids", async () => {
    const many = Array.from({ length: 600 }, (_, index) => ({
      id: pointId("many", index),
      vector: normalize(Float32Array.from({ length: DIM }, (_value, component) => Math.sin(index * 7 + component))),
      payload: { user: index % 2 === 0 ? "even" : "odd", stars: index },
    }));
    const collection = await filled(many);
    expect(await collection.count()).toBe(600);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await collection.scroll({ filter: { field: "user", equals: "odd" }, limit: 128, after });
      seen.push(...page.points.map((point) => point.id));
      after = page.next;
    } while (after !== undefined);
    const expected = many.filter((point) => point.payload.user === "odd").map((point) => point.id);
    expect(seen).toEqual([...expected].sort());
  });

  it("keeps the spaces of a name apart", async () => {
    const one = spec();
    const other = { ...one, space: "other-embedder", dim: 3 };
    await (await store.collection(one)).upsert(POINTS);
    expect(await (await store.collection(other)).count()).toBe(0);
    expect(await (await store.collection(one)).count()).toBe(POINTS.length);
  });

  it("makes a collection once for several gateways at once", async () => {
    const same = spec();
    const opened = await Promise.all([store.collection(same), store.collection({ ...same }), store.collection(same)]);
    await Promise.all(opened.map((collection, index) => collection.upsert(POINTS.slice(index, index + 2))));
    expect(await opened[0]?.count()).toBe(4);
  });

  it.each([
    ["an id that is no UUID", { id: "1", vector: turned(0), payload: {} }],
    ["another dimension", { id: pointId("x"), vector: new Float32Array(3), payload: {} }],
    ["a vector of non-numbers", { id: pointId("x"), vector: turned(0).fill(Number.NaN), payload: {} }],
    ["a field of another type", { id: pointId("x"), vector: turned(0), payload: { stars: "five" } }],
    ["a date that is none", { id: pointId("x"), vector: turned(0), payload: { date: "yesterday" } }],
  ])("refuses %s and stores none of the batch", async (_name, wrong) => {
    const collection = await filled();
    await expect(collection.upsert([{ id: pointId("fine"), vector: turned(0), payload: {} }, wrong])).rejects.toThrow(
      RangeError,
    );
    expect(await collection.count()).toBe(POINTS.length);
  });

  it.each<[string, Filter]>([
    ["a field that is not there", { field: "usr", equals: "jimin" }],
    ["a value of another type", { field: "stars", equals: "5" }],
    ["a range of words", { field: "user", from: "a" }],
    ["SQL for a date", { field: "date", from: "2026-01-01' OR '1'='1" }],
  ])("refuses a filter on %s", async (_name, filter) => {
    const collection = await filled();
    await expect(collection.search({ vector: turned(0), k: 1, filter })).rejects.toThrow(RangeError);
    await expect(collection.deleteWhere(filter)).rejects.toThrow(RangeError);
    expect(await collection.count()).toBe(POINTS.length);
  });

  it("stops for a caller that has left", async () => {
    const collection = await filled();
    const signal = AbortSignal.abort(new Error("left"));
    await expect(collection.search({ vector: turned(0), k: 1, signal })).rejects.toThrow("left");
  });

  if (reopen !== undefined) {
    describe("a store opened again", () => {
      it("has the stored points, and refuses another dimension", async () => {
        const same = spec();
        await (await store.collection(same)).upsert(POINTS);
        store = await reopen(store);
        const collection = await store.collection(same);
        expect(await collection.count()).toBe(POINTS.length);
        await expect((await reopen(store)).collection({ ...same, dim: 9 })).rejects.toThrow("8 components, not 9");
      });
    });
  }
}
