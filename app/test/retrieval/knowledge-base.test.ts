import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { KnowledgeDocument } from "../../src/retrieval/knowledge-base";
import { KnowledgeSync } from "../../src/retrieval/knowledge-sync";
import { openLanceStore } from "../../src/retrieval/lance-store";
import type { PassageMetadata } from "../../src/retrieval/passage";
import { pointId } from "../../src/retrieval/point-id";
import type { Retrieval } from "../../src/retrieval/retrieval";
import type { VectorStore } from "../../src/retrieval/vector-store";
import { AppError } from "../../src/shared/errors/app-error";
import { testRetrieval } from "../support/retrieval";

let folder: string;
let store: VectorStore;
let retrieval: Retrieval;
let states: boolean[] = [];
let serial = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-knowledge-"));
});
beforeEach(async () => {
  serial += 1;
  states = [];
  store = await openLanceStore(join(folder, String(serial)));
  retrieval = testRetrieval({ store, onState: (up) => states.push(up) });
});
afterAll(() => rm(folder, { recursive: true }));

function document(name: string, text: string, metadata: Partial<PassageMetadata> = {}): KnowledgeDocument {
  return {
    id: pointId("til", name),
    text,
    metadata: {
      user: "jimin",
      repo: ["shop"],
      date: "2026-11-20",
      domain: "commit",
      language: "ko",
      title: name,
      ...metadata,
    },
  };
}

const LOCK = document("lock", "Redis SET NX EX로 만료 시간이 있는 락을 잡고 Lua로 소유자를 비교한다.");
const MEMO = document("memo", "React useMemo로 목록 계산을 기억해 렌더링을 줄였다.", {
  repo: ["web"],
  date: "2026-11-18",
});
const OTHER = document("other", "Redis 락의 만료 시간을 갱신한다.", { user: "minsu" });

describe("KnowledgeBase", () => {
  it("finds a user's own texts about the query, and never another's", async () => {
    await retrieval.knowledge.addAll([LOCK, MEMO, OTHER]);
    const found = await retrieval.knowledge.retrieve({ text: "Redis 락 만료 시간", user: "jimin" });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ id: LOCK.id, text: LOCK.text, metadata: LOCK.metadata });
    expect(found[0]?.score).toBeGreaterThan(0.2);
    expect(await retrieval.knowledge.retrieve({ text: "Redis 락 만료 시간", user: "nobody" })).toEqual([]);
    // A filter cannot widen what a user may see.
    const filter = {
      or: [
        { field: "user", equals: "minsu" },
        { field: "user", equals: "jimin" },
      ],
    } as const;
    const asked = await retrieval.knowledge.retrieve({ text: "Redis 락 만료 시간", user: "jimin", filter });
    expect(asked.map(({ id }) => id)).toEqual([LOCK.id]);
  });

  it("filters by repository, date, domain and language, and excludes ids", async () => {
    const text = "Redis 락을 만료 시간과 함께 잡았다.";
    const days = [18, 19, 20].map((day) =>
      document(`day-${day}`, text, { date: `2026-11-${day}`, repo: [`repo-${day}`] }),
    );
    await retrieval.knowledge.addAll([...days, document("english", text, { language: "en" })]);
    const titles = async (query: object) =>
      (await retrieval.knowledge.retrieve({ text, user: "jimin", ...query }))
        .map(({ metadata }) => metadata.title)
        .sort();
    expect(await titles({ filter: { field: "date", to: "2026-11-19" } })).toEqual(["day-18", "day-19"]);
    expect(await titles({ filter: { field: "repo", in: ["repo-20"] } })).toEqual(["day-20"]);
    expect(await titles({ filter: { field: "language", equals: "en" } })).toEqual(["english"]);
    expect(await titles({ filter: { not: { field: "domain", equals: "commit" } } })).toEqual([]);
    expect(await titles({ except: [days[0]?.id], k: 2 })).toHaveLength(2);
    expect(await titles({ except: [days[0]?.id] })).toEqual(["day-19", "day-20", "english"]);
  });

  it("replaces a text of the same id, and finds no removed one", async () => {
    await retrieval.knowledge.add(LOCK);
    await retrieval.knowledge.add({ ...LOCK, text: "React 렌더링" });
    expect(await retrieval.knowledge.retrieve({ text: "소유자를 비교한다", user: "jimin" })).toEqual([]);
    await retrieval.knowledge.remove([LOCK.id]);
    expect(await retrieval.knowledge.missing([LOCK.id])).toEqual([LOCK.id]);
  });

  it("reports whether the store answers", async () => {
    await retrieval.ping();
    await retrieval.knowledge.add(LOCK);
    expect(new Set(states)).toEqual(new Set([true]));
    const absent = testRetrieval({ onState: (up) => states.push(up) });
    await expect(absent.knowledge.retrieve({ text: "x", user: "u" })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    expect(states.at(-1)).toBe(false);
  });
});

describe("Retrieval.comparable", () => {
  const questions = [
    "HTTP 멱등성이란 무엇이며 어떤 메서드가 멱등한가요?",
    "멱등한 HTTP 메서드에는 무엇이 있고 멱등성은 무엇을 뜻하나요?",
    "뮤텍스와 세마포어는 언제 각각 사용하나요?",
  ];

  async function duplicates(from: Retrieval) {
    const { embedder, vectors, nearDuplicate } = await from.comparable(questions);
    const similarity = (left: number, right: number) =>
      (vectors[left] ?? new Float32Array()).reduce(
        (sum, value, index) => sum + value * (vectors[right]?.[index] ?? 0),
        0,
      );
    return { embedder, same: similarity(0, 1) >= nearDuplicate, other: similarity(0, 2) >= nearDuplicate };
  }

  it("judges texts by their calibrated cosine", async () => {
    expect(await duplicates(retrieval)).toEqual({ embedder: "hashed-ngrams-v1", same: true, other: false });
  });

  it("uses hashed n-grams while the configured embedder is away", async () => {
    const away = testRetrieval({ embedUrl: "http://127.0.0.1:9/v1", embedModel: "jhgan/ko-sbert-multitask" });
    expect(await duplicates(away)).toEqual({ embedder: "hashed-ngrams-v1", same: true, other: false });
    expect(away.embedder).toBe("jhgan/ko-sbert-multitask");
    await away.close();
  });
});

describe("KnowledgeSync", () => {
  it("adds what is missing, a page at a time, and embeds nothing twice", async () => {
    await retrieval.knowledge.add(LOCK);
    async function* documents() {
      yield [LOCK, MEMO];
      yield [OTHER];
    }
    const sync = new KnowledgeSync({ knowledge: retrieval.knowledge, documents, onError: fail });
    sync.request();
    await sync.settled();
    expect(await retrieval.knowledge.missing([LOCK.id, MEMO.id, OTHER.id])).toEqual([]);
    await sync.stop();
  });

  it("retries after a failure, and runs once more when triggered meanwhile", async () => {
    const failures: unknown[] = [];
    let runs = 0;
    async function* documents() {
      runs += 1;
      if (runs === 1) throw new AppError("STORE_UNAVAILABLE", { params: { store: "PostgreSQL" } });
      if (runs === 2) sync.request();
      yield runs === 3 ? [MEMO] : [];
    }
    const sync = new KnowledgeSync({
      knowledge: retrieval.knowledge,
      documents,
      onError: (cause) => failures.push(cause),
      retryMs: 5,
    });
    sync.request();
    await sync.settled();
    expect(runs).toBe(3);
    expect(failures).toHaveLength(1);
    expect(await retrieval.knowledge.missing([MEMO.id])).toEqual([]);
  });

  it("stops at once, also while it waits to retry", async () => {
    const sync = new KnowledgeSync({
      knowledge: retrieval.knowledge,
      // biome-ignore lint/correctness/useYield: it fails before it could.
      documents: async function* () {
        throw new Error("away");
      },
      onError: () => void sync.stop(),
      retryMs: 60_000,
    });
    sync.request();
    await sync.settled();
  });
});

function fail(cause: unknown): never {
  throw cause;
}
