// What a release waits for, in the gateway's image: one token of every engine that serves. Each URL leads to ready pods of
// the new version alone, and to nothing while there are none.
const { ENGINES, TIMEOUT_SECONDS } = process.env;
const timeoutMs = Number(TIMEOUT_SECONDS) * 1000;
const deadline = Date.now() + timeoutMs;
const PAUSE_MS = Math.min(5_000, timeoutMs / 20);
const ANSWER_MS = 60_000;

async function answer({ url, model }) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: "user", content: "ping" }] }),
    signal: AbortSignal.timeout(Math.min(ANSWER_MS, Math.max(1, deadline - Date.now()))),
  });
  // A ready engine with a full queue refuses by 503.
  if (response.status === 503) return;
  if (!response.ok) throw new Error(`answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  const { choices } = await response.json();
  if (choices?.length !== 1) throw new Error("answered without a choice");
}

function reasonOf({ message, cause }) {
  return cause?.code ?? message;
}

async function untilAnswered(engine) {
  let last = "";
  for (;;) {
    try {
      await answer(engine);
      console.log(`${engine.model} at ${engine.url} answers`);
      return true;
    } catch (error) {
      const reason = reasonOf(error);
      // The last attempt may have been cut short, which is no reason.
      if (reason !== last && (last === "" || Date.now() < deadline)) {
        console.log(`${engine.model} at ${engine.url}: ${reason}`);
        last = reason;
      }
    }
    if (Date.now() + PAUSE_MS > deadline) {
      console.error(`${engine.model} at ${engine.url} did not answer in ${TIMEOUT_SECONDS} s: ${last}`);
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

const answered = await Promise.all(JSON.parse(ENGINES).map(untilAnswered));
if (answered.includes(false)) process.exit(1);
console.log("the new version of every engine that serves answers");
