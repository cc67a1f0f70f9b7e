import { Random } from "./random";
import type { Segment, Trace, TraceRequest } from "./trace";

/**
 * One person's requests of a day, by which sessions are drawn: a TIL, a set of interview questions on it, three
 * articles, four conversations. An assumption about the small teams that Terrace is made for.
 */
const SESSIONS_PER_PERSON = { chat: 4, news: 3, til: 1, interview: 1 } as const;

/** One group of review analyses for so many sessions of people; groups come from a scheduler, all at once. */
const SESSIONS_PER_BATCH = 30;
/** Restaurants of one such group: one page of the batch routes. */
const BATCH_REQUESTS = [8, 16] as const;

/**
 * Shape of the gamma distribution of the time between sessions: 0.25 makes its standard deviation twice its mean, where
 * a Poisson process has one. That gaps are gamma distributed and burstier than Poisson: BurstGPT
 * (https://arxiv.org/abs/2401.17644). Twice: an assumption.
 */
const GAP_SHAPE = 0.25;

/** Turns of a conversation, and the tokens of each. */
const CHAT = {
  systemTokens: 320,
  /** Geometric, 5 on average: four follow-ups. */
  furtherTurn: 0.8,
  question: { median: 60, sigma: 0.9, low: 8, high: 600 },
  answer: { median: 160, sigma: 0.7, low: 16, high: 512 },
  /** Longest prompt: older turns are dropped. Source: the gateway's workloads, 0.2k to 2k. */
  promptTokens: 2_000,
  /** Milliseconds of reading and typing after an answer that comes at 15 tokens/s. */
  thinkMs: 20_000,
  msPerAnswerToken: 1_000 / 15,
} as const;

/** The routes with one prompt: tokens of the instructions that all share, of the material, and of the answer. */
const ROUTES = {
  /** 3k to 6k: commits cut to PROMPT_BUDGET_TOKENS, and up to 2k of retrieved notes. */
  til: { systemTokens: 500, material: [2_500, 5_500], answer: [300, 700] },
  /** 1k to 3k: an article. */
  news: { systemTokens: 220, material: [780, 2_780], answer: [80, 220] },
  /** 1k to 2k: a TIL note. */
  interview: { systemTokens: 380, material: [620, 1_620], answer: [200, 500] },
  /** About 4k: VLLM_MAX_TOKENS_PER_BATCH of reviews. */
  reviews: { systemTokens: 450, material: [3_150, 3_550], answer: [60, 200] },
} as const;

type SessionKind = keyof typeof SESSIONS_PER_PERSON;

/** Which sessions there are. */
export interface WorkloadOptions {
  readonly seed: number;
  /** Sessions a second, on average. */
  readonly sessionsPerSecond: number;
  /** Seconds in which sessions begin. */
  readonly seconds: number;
  /** Whether review analyses come in groups beside them. */
  readonly batches: boolean;
}

/** A trace of people at work. The same seed gives the same sessions in the same order at any rate, only denser. */
export function generateTrace({ seed, sessionsPerSecond, seconds, batches }: WorkloadOptions): Trace {
  const random = new Random(seed);
  const requests: TraceRequest[] = [];
  const meanGap = 1_000 / sessionsPerSecond;
  let atMs = random.gamma(GAP_SHAPE, meanGap);
  for (let session = 0; atMs < seconds * 1_000; session += 1) {
    // Every session draws from a generator of its own, so that sessions stay the same when others are added.
    const own = new Random(seed * 1_000_003 + session);
    const kind = drawKind(own);
    const id = `${kind}-${session}`;
    requests.push(...(kind === "chat" ? conversation(own, id, atMs) : [single(own, kind, id, atMs)]));
    const isDue = batches && session % SESSIONS_PER_BATCH === SESSIONS_PER_BATCH - 1;
    if (isDue) requests.push(...batch(own, `batch-${session}`, atMs));
    atMs += random.gamma(GAP_SHAPE, meanGap);
  }
  return { requests: requests.toSorted((a, b) => a.atMs - b.atMs) };
}

function drawKind(random: Random): SessionKind {
  const kinds: readonly SessionKind[] = ["chat", "news", "til", "interview"];
  let rest = random.next() * kinds.reduce((sum, kind) => sum + SESSIONS_PER_PERSON[kind], 0);
  for (const kind of kinds) {
    rest -= SESSIONS_PER_PERSON[kind];
    if (rest < 0) return kind;
  }
  return "chat";
}

function single(random: Random, task: keyof typeof ROUTES, id: string, atMs: number): TraceRequest {
  const { systemTokens, material, answer } = ROUTES[task];
  return {
    atMs,
    task,
    class: task === "reviews" ? "batch" : "interactive",
    prompt: [
      { id: `${task}-system`, tokens: systemTokens },
      { id, tokens: random.between(material[0], material[1]) },
    ],
    answerTokens: random.between(answer[0], answer[1]),
    maxTokens: 1_024,
  };
}

function batch(random: Random, id: string, atMs: number): TraceRequest[] {
  const count = random.between(BATCH_REQUESTS[0], BATCH_REQUESTS[1]);
  return Array.from({ length: count }, (_, index) => single(random, "reviews", `${id}-${index}`, atMs));
}

function conversation(random: Random, id: string, startMs: number): TraceRequest[] {
  const requests: TraceRequest[] = [];
  let history: Segment[] = [];
  let atMs = startMs;
  let turn = 0;
  do {
    const { question, answer } = CHAT;
    history.push({
      id: `${id}-q${turn}`,
      tokens: random.logNormal(question.median, question.sigma, question.low, question.high),
    });
    while (history.length > 1 && length(history) > CHAT.promptTokens - CHAT.systemTokens) history = history.slice(2);
    const answerTokens = random.logNormal(answer.median, answer.sigma, answer.low, answer.high);
    requests.push({
      atMs,
      task: "chat",
      class: "interactive",
      answerTokens,
      maxTokens: 512,
      prompt: [{ id: "chat-system", tokens: CHAT.systemTokens }, ...history],
    });
    history.push({ id: `${id}-a${turn}`, tokens: answerTokens });
    atMs += answerTokens * CHAT.msPerAnswerToken + random.exponential(CHAT.thinkMs);
    turn += 1;
  } while (random.next() < CHAT.furtherTurn);
  return requests;
}

function length(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.tokens, 0);
}
