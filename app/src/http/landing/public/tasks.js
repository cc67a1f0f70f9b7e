const SAMPLE_DIFF = `@@ -12,6 +12,14 @@
+export async function cartTotal(id: string): Promise<number> {
+  const cached = await redis.get(\`cart:\${id}\`);
+  if (cached !== null) return Number(cached);
+  const total = await sumItems(id);
+  await redis.set(\`cart:\${id}\`, total, { EX: 60 });
+  return total;
+}
-export const cartTotal = (id) => sumItems(id);`;

const SAMPLE_NEWS = {
  en: "A small team moved its language models from two virtual machines to a cluster this week. The move took four hours and no request was lost. Traffic was shifted five percent at a time between the two backends. The team says that the load balancer's weights, not DNS, made the difference. Costs fell by 18 percent because idle GPUs are now returned at night.",
  ko: "한 소규모 팀이 이번 주 언어 모델을 가상 머신 두 대에서 클러스터로 옮겼다. 이전에는 네 시간이 걸렸고 실패한 요청은 없었다. 트래픽은 두 백엔드 사이에서 5퍼센트씩 옮겨졌다. 팀은 DNS가 아니라 로드 밸런서의 가중치가 핵심이었다고 밝혔다. 밤에 쉬는 GPU를 반납해 비용은 18퍼센트 줄었다.",
};

const SAMPLE_TIL = {
  en: "Redis SET with NX and EX takes a lock that expires by itself. The lock holds a random owner value. Releasing it compares that value first, in a Lua script, so that nobody deletes another's lock.",
  ko: "Redis의 SET NX EX로 저절로 만료되는 락을 잡는다. 락에는 임의의 소유자 값을 넣는다. 해제할 때는 Lua 스크립트로 값을 먼저 비교해 다른 소유자의 락을 지우지 않는다.",
};

/** What the page sends to each task, and a sample of it. */
export const TASKS = {
  til: {
    first: { en: "Commit message", ko: "커밋 메시지" },
    material: { en: "Diff", ko: "변경 내용(diff)" },
    sample: (language) => ({
      first: { en: "Cache cart totals in Redis", ko: "장바구니 합계를 Redis에 캐시" }[language],
      material: SAMPLE_DIFF,
    }),
    streams: true,
    body: ({ user, first, material }) => ({
      user,
      repo: [
        {
          name: "example",
          files: [{ filepath: "src/cart.ts", patches: [{ commit_message: first, patch: material }] }],
        },
      ],
    }),
  },
  news: {
    first: { en: "Headline", ko: "제목" },
    material: { en: "Article", ko: "기사" },
    sample: (language) => ({
      first: { en: "From two machines to a cluster", ko: "가상 머신에서 클러스터로" }[language],
      material: SAMPLE_NEWS[language],
    }),
    streams: true,
    body: ({ first, material }) => ({ title: first, text: material, max_sentences: 2 }),
  },
  interview: {
    first: { en: "Field", ko: "분야" },
    material: { en: "TIL (empty: what you have stored)", ko: "TIL (비우면 저장된 TIL)" },
    sample: (language) => ({
      first: { en: "Distributed systems", ko: "분산 시스템" }[language],
      material: SAMPLE_TIL[language],
    }),
    streams: false,
    // Without a text the questions are about what the user has stored.
    body: ({ user, first, material }) => ({
      user,
      ...(first !== "" && { category: first }),
      ...(material.trim() !== "" && { til: material }),
      count: 3,
    }),
  },
};
