import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { NEWS_BODY } from "../../support/bodies";
import { attribute, startOtlpReceiver } from "../../support/otlp-receiver";
import { startNode } from "../../support/process";

const APP = join(__dirname, "../../..");
const CLIENT_TRACE = "0af7651916cd43dd8448eb211c80319c";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "terrace-tracing-"));
  execFileSync(process.execPath, [join(APP, "build.mjs"), join(folder, "dist")]);
  cpSync(join(APP, "bin"), join(folder, "bin"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("A gateway with a collector sends it the client's trace, down to the engine, before it ends", async () => {
  const receiver = await startOtlpReceiver();
  const child = startNode([join(folder, "bin", "terrace-app.cjs")], {
    PORT: "0",
    SIMULATOR_SPEED: "0",
    DATA_DIR: join(folder, "data"),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  const [, port] = await child.until(/listening on http:\/\/localhost:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const response = await fetch(`${url}/news`, {
    method: "POST",
    headers: { "content-type": "application/json", traceparent: `00-${CLIENT_TRACE}-b7ad6b7169203331-01` },
    body: JSON.stringify(NEWS_BODY),
  });
  expect(response.status).toBe(200);
  await response.text();
  child.process.kill("SIGTERM");
  expect(await child.ended).toBe(0);
  await receiver.close();

  expect([...receiver.services]).toEqual(["terrace-gateway"]);
  const spans = receiver.spans.filter((span) => span.traceId === CLIENT_TRACE);
  const server = spans.find((span) => span.name === "POST /news");
  const engine = spans.find((span) => span.name === "POST /v1/chat/completions");
  expect(attribute(server, "http.response.status_code")).toBe(200);
  expect(engine?.parentSpanId).toBe(server?.spanId);
  // Neither probes nor warm-ups are traced.
  expect(receiver.spans.map((span) => span.name).sort()).toEqual(["POST /news", "POST /v1/chat/completions"]);
});
