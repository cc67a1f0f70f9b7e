// What `helm test` runs, in the gateway's image: ready, and a real answer from an engine.
const { GATEWAY, PROBE_PATH } = process.env;

async function expectOk(path, init) {
  const response = await fetch(`${GATEWAY}${path}`, { ...init, signal: AbortSignal.timeout(60_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
  return text;
}

await expectOk(PROBE_PATH);
const answer = await expectOk("/news", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ text: "GKE에 첫 배포를 했다. 게이트웨이가 엔진을 부른다. 답이 온다.", max_sentences: 1 }),
});
console.log(answer);
