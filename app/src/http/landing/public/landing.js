import { TASKS } from "./tasks.js";
import { takeToken } from "./token.js";
import { refusalText, WARNINGS, WORDS } from "./words.js";

const $ = (id) => document.getElementById(id);
const tabs = [...document.querySelectorAll("[role=tab]")];
let language = navigator.language.startsWith("ko") ? "ko" : "en";
let task = "til";
let running;
/** What a person typed, by task and field. A field that was not touched shows its sample in the page's language. */
const typed = Object.fromEntries(Object.keys(TASKS).map((name) => [name, {}]));
let answerLanguage;

for (const element of document.querySelectorAll("[data-ko]")) element.dataset.en = element.textContent;
for (const element of document.querySelectorAll("[data-ko-placeholder]"))
  element.dataset.enPlaceholder = element.placeholder;
for (const element of document.querySelectorAll("[data-ko-label]"))
  element.dataset.enLabel = element.getAttribute("aria-label");

function show() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-ko]")) element.textContent = element.dataset[language];
  $("language").textContent = language === "ko" ? "English" : "한국어";
  $("language").lang = language === "ko" ? "en" : "ko";
  $("first-label").textContent = TASKS[task].first[language];
  $("material-label").textContent = TASKS[task].material[language];
  for (const element of document.querySelectorAll("[data-ko-label]"))
    element.setAttribute("aria-label", element.dataset[language === "ko" ? "koLabel" : "enLabel"]);
  for (const tab of tabs) {
    const selected = tab.dataset.task === task;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
  }
  $("panel").setAttribute("aria-labelledby", `tab-${task}`);
  for (const element of document.querySelectorAll("[data-ko-placeholder]"))
    element.placeholder = element.dataset[language === "ko" ? "koPlaceholder" : "enPlaceholder"];
  for (const id of ["first", "material"]) $(id).required = task !== "interview";
}

function fill() {
  const shown = { ...TASKS[task].sample(language), ...typed[task] };
  for (const id of ["first", "material"]) $(id).value = shown[id];
  $("answer-language").value = answerLanguage ?? language;
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
  for (const code of warnings) facts.push(WARNINGS[code]?.[language] ?? code);
  $("facts").textContent = facts.join(" · ");
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
      ...TASKS[task].body({ user: $("user").value, first: $("first").value, material: $("material").value }),
      language: $("answer-language").value,
      ...(streams && { stream: true }),
    }),
  });
  if (response.ok) return response;
  if (response.status === 401) $("token").focus();
  const { detail } = await response.json();
  throw new Error(refusalText(detail, (label) => $(label).textContent));
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
function select(tab) {
  task = tab.dataset.task;
  show();
  fill();
}

/** Where a key leads from a tab, as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has it. */
const STEPS = {
  ArrowRight: (at) => (at + 1) % tabs.length,
  ArrowLeft: (at) => (at + tabs.length - 1) % tabs.length,
  Home: () => 0,
  End: () => tabs.length - 1,
};

for (const [at, tab] of tabs.entries()) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const next = tabs[STEPS[event.key]?.(at)];
    if (next === undefined) return;
    event.preventDefault();
    select(next);
    next.focus();
  });
}
for (const id of ["first", "material"]) {
  $(id).addEventListener("input", () => {
    typed[task][id] = $(id).value;
  });
}
$("answer-language").addEventListener("change", () => {
  answerLanguage = $("answer-language").value;
});
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
