// What the release's test runs, in the gateway's image: ready, which takes an answer of every model, and asking strangers for a
// token. The test has none: a release knows tokens by their hashes alone.
const { GATEWAY, PROBE_PATH } = process.env;

async function answer(path, init) {
  const response = await fetch(`${GATEWAY}${path}`, { ...init, signal: AbortSignal.timeout(60_000) });
  return { status: response.status, text: (await response.text()).slice(0, 500) };
}

function expectStatus(path, { status, text }, expected) {
  if (status !== expected) throw new Error(`${path} answered ${status} and not ${expected}: ${text}`);
}

expectStatus(PROBE_PATH, await answer(PROBE_PATH), 200);
const news = await answer("/news", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ text: "GKE에 첫 배포를 했다. 게이트웨이가 엔진을 부른다. 답이 온다.", max_sentences: 1 }),
});
expectStatus("/news without a token", news, 401);
console.log("ready, and nobody is let in without a token");
