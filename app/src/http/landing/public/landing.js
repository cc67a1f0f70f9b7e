import { takeToken } from "./token.js";

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

const TASKS = {
  til: {
    first: { en: "Commit message", ko: "커밋 메시지" },
    material: { en: "Diff", ko: "변경 내용(diff)" },
    sample: (language) => ({
      first: { en: "Cache cart totals in Redis", ko: "장바구니 합계를 Redis에 캐시" }[language],
      material: SAMPLE_DIFF,
    }),
    streams: true,
    body: (first, material) => ({
      user: $("user").value,
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
    body: (first, material) => ({ title: first, text: material, max_sentences: 2 }),
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
    body: (first, material) => ({
      user: $("user").value,
      ...(first !== "" && { category: first }),
      ...(material.trim() !== "" && { til: material }),
      count: 3,
    }),
  },
};

const WORDS = {
  en: {
    ready: "ready",
    notReady: "not ready",
    simulated: "simulated answer",
    degraded: "simple answer without a model",
    stopped: "stopped",
    kept: "kept as",
  },
  ko: {
    ready: "준비됨",
    notReady: "준비 중",
    simulated: "시뮬레이션 답변",
    degraded: "모델 없이 만든 간단한 답변",
    stopped: "중단됨",
    kept: "저장됨:",
  },
};

const $ = (id) => document.getElementById(id);
let language = navigator.language.startsWith("ko") ? "ko" : "en";
let task = "til";
let running;

for (const element of document.querySelectorAll("[data-ko]")) element.dataset.en = element.textContent;
for (const element of document.querySelectorAll("[data-ko-placeholder]"))
  element.dataset.enPlaceholder = element.placeholder;

function show() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-ko]")) element.textContent = element.dataset[language];
  $("language").textContent = language === "ko" ? "English" : "한국어";
  $("language").lang = language === "ko" ? "en" : "ko";
  $("first-label").textContent = TASKS[task].first[language];
  $("material-label").textContent = TASKS[task].material[language];
  for (const tab of document.querySelectorAll("[data-task]"))
    tab.setAttribute("aria-selected", String(tab.dataset.task === task));
  $("form").setAttribute("aria-labelledby", `tab-${task}`);
  for (const element of document.querySelectorAll("[data-ko-placeholder]"))
    element.placeholder = element.dataset[language === "ko" ? "koPlaceholder" : "enPlaceholder"];
  for (const id of ["first", "material"]) $(id).required = task !== "interview";
}

function fill() {
  const sample = TASKS[task].sample(language);
  $("first").value = sample.first;
  $("material").value = sample.material;
  $("answer-language").value = language;
}

async function showState() {
  const response = await fetch("healthz").catch(() => undefined);
  const ready = response?.ok === true;
  $("state").textContent = WORDS[language][ready ? "ready" : "notReady"];
  $("state").className = `state ${ready ? "good" : "bad"}`;
}

function readable(answer) {
  if (answer.questions) return answer.questions.map((q, i) => `${i + 1}. ${q.question}\n   ${q.answer}`).join("\n\n");
  if (answer.content) return `# ${answer.title}\n\n${answer.content}`;
  if (answer.summary) return [answer.summary, ...answer.bullets.map((line) => `- ${line}`)].join("\n");
  return JSON.stringify(answer, null, 2);
}

async function readStream(response, onEvent, onText) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    const events = (rest + step.value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event
        .split("\n")
        .find((line) => line.startsWith("data: "))
        ?.slice(6);
      if (data === undefined || data === "[DONE]") continue;
      const chunk = JSON.parse(data);
      if (event.startsWith("event: error")) throw new Error(chunk.detail);
      onEvent(/^event: (.*)$/m.exec(event)?.[1], chunk);
      onText(chunk.choices?.[0]?.delta?.content ?? "", chunk);
    }
  }
}

function showSources(sources = []) {
  $("sources").hidden = sources.length === 0;
  $("source-list").replaceChildren(
    ...sources.map(({ title, date, score }) => {
      const item = document.createElement("li");
      item.textContent = `${title} (${date}, ${score.toFixed(2)})`;
      return item;
    }),
  );
}

/** Facts about the answer that is shown, a few words each. */
function showFacts({ started, simulated, degraded, model, id, warnings = [] }) {
  const words = WORDS[language];
  const facts = [`${((performance.now() - started) / 1000).toFixed(1)} s`];
  if (model) facts.push(model);
  if (simulated) facts.push(words.simulated);
  if (degraded) facts.push(words.degraded);
  if (id) facts.push(`${words.kept} ${id}`);
  $("facts").textContent = [...facts, ...warnings].join(" · ");
}

async function post(streams) {
  const token = $("token").value.trim();
  const response = await fetch(task, {
    method: "POST",
    signal: running.signal,
    headers: {
      "content-type": "application/json",
      "accept-language": language,
      ...(token !== "" && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      ...TASKS[task].body($("first").value, $("material").value),
      language: $("answer-language").value,
      ...(streams && { stream: true }),
    }),
  });
  if (response.ok) return response;
  if (response.status === 401) $("token").focus();
  const { detail } = await response.json();
  throw new Error(
    typeof detail === "string" ? detail : detail.map((item) => `${item.loc.join(".")}: ${item.msg}`).join("\n"),
  );
}

function showAnswer(answer, known) {
  $("output").textContent = readable(answer);
  showSources(answer.sources);
  showFacts({ ...known, ...answer });
}

async function showStream(response, known) {
  await readStream(
    response,
    (name, data) => {
      if (name === "sources") showSources(data.sources);
      // Only once it is stored does it have an id.
      if (name === "sources") Object.assign(known, { ...data, id: undefined });
      if (name === "stored") Object.assign(known, data);
    },
    (text, chunk) => {
      $("output").textContent += text;
      if (chunk.simulated !== undefined) Object.assign(known, { simulated: chunk.simulated, model: chunk.model });
      showFacts(known);
    },
  );
}

async function send() {
  const { streams } = TASKS[task];
  const known = { started: performance.now() };
  running = new AbortController();
  $("send").disabled = true;
  $("stop").hidden = false;
  $("result").hidden = false;
  $("result").setAttribute("aria-busy", "true");
  $("call").textContent = `POST /${task}`;
  $("facts").textContent = "";
  $("output").className = "";
  $("output").textContent = "";
  showSources();
  try {
    const response = await post(streams);
    // A degraded instance answers whole, whatever was asked for.
    const streamed = response.headers.get("content-type")?.startsWith("text/event-stream");
    if (streamed) await showStream(response, known);
    else showAnswer(await response.json(), known);
  } catch (error) {
    const stopped = error.name === "AbortError";
    $("output").className = stopped ? "" : "bad";
    $("output").textContent += stopped ? ` … (${WORDS[language].stopped})` : error.message;
  } finally {
    $("send").disabled = false;
    $("stop").hidden = true;
    $("result").setAttribute("aria-busy", "false");
  }
}

$("language").addEventListener("click", () => {
  language = language === "ko" ? "en" : "ko";
  show();
  fill();
  void showState();
});
for (const tab of document.querySelectorAll("[data-task]")) {
  tab.addEventListener("click", () => {
    task = tab.dataset.task;
    show();
    fill();
  });
}
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});
$("stop").addEventListener("click", () => running?.abort());

$("token").value = takeToken(window);
show();
fill();
void showState();
setInterval(showState, 5000);
