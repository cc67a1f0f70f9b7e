import { afterEach, describe, expect, it } from "@jest/globals";
import { buildSimulator } from "../../../simulator/src/simulator-server";
import { TASK_BODIES } from "../../support/bodies";
import { say, startEngine, TIL_ANSWER } from "../../support/engine";
import { startGateway } from "../../support/gateway";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function before(model: string) {
  const simulator = buildSimulator({ speed: 0, model });
  const address = await simulator.listen({ port: 0, host: "127.0.0.1" });
  closing.push(() => simulator.close());
  const gateway = await startGateway({ baseUrl: `${address}/v1`, unnamed: true });
  closing.push(gateway.close);
  return gateway;
}

describe("A model whose chat template has no system role", () => {
  it.each(Object.entries(TASK_BODIES))("answers the task %s", async (task, body) => {
    const gateway = await before("mistral-7b-instruct-gptq");
    const path = task === "chat" ? "/api/chat" : `/${task}`;
    const response = await gateway.post(path, { ...body, stream: task === "interview" ? undefined : false });
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 200 });
  });

  it("is warmed up with a request like those of tasks", async () => {
    const gateway = await before("mistral-7b-instruct-gptq");
    for (const model of gateway.models.models) await model.warmUp(AbortSignal.timeout(5_000));
  });

  /** An engine under a name that says nothing, whose template refuses system messages. */
  async function unknown() {
    const engine = await startEngine(({ body }, response) => {
      if (body.messages.every(({ role }) => role !== "system")) return say(response, TIL_ANSWER);
      const message = "System role not supported";
      response.writeHead(400).end(JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } }));
    });
    closing.push(engine.close);
    const gateway = await startGateway({ baseUrl: engine.baseUrl });
    closing.push(gateway.close);
    return { engine, gateway };
  }

  it("is found out by the warm-up where its name says nothing", async () => {
    const { engine, gateway } = await unknown();
    for (const model of gateway.models.models) await model.warmUp(AbortSignal.timeout(5_000));
    const asked = engine.asked.map(({ body }) => body.messages.map(({ role }) => role));
    expect(asked).toEqual([["system", "user"], ["user"]]);
    expect((await gateway.post("/til", TASK_BODIES.til)).status).toBe(200);
    const messages = engine.asked.at(-1)?.body.messages ?? [];
    expect(messages.map(({ role }) => role)).toEqual(["user"]);
    expect(messages[0]?.content).toMatch(/^당신은 [\s\S]*\n\nuser: jimin\n/);
  });

  it("is not ready where it refuses both", async () => {
    const engine = await startEngine((_asked, response) => {
      response.writeHead(400).end(JSON.stringify({ error: { message: "no", type: "BadRequestError", code: 400 } }));
    });
    closing.push(engine.close);
    const gateway = await startGateway({ baseUrl: engine.baseUrl });
    closing.push(gateway.close);
    for (const model of gateway.models.models) {
      await expect(model.warmUp(AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: "ENGINE_BAD_REPLY" });
    }
  });

  it("is named alike by the gateway and by the simulator's template, which is the real one's", async () => {
    const simulator = buildSimulator({ speed: 0, model: "mistral-7b-instruct-gptq" });
    const address = await simulator.listen({ port: 0, host: "127.0.0.1" });
    closing.push(() => simulator.close());
    const refusal = async (...roles: string[]) => {
      const messages = roles.map((role) => ({ role, content: "a" }));
      const body = JSON.stringify({ model: "mistral-7b-instruct-gptq", messages });
      const headers = { "content-type": "application/json" };
      return (await fetch(`${address}/v1/chat/completions`, { method: "POST", headers, body })).text();
    };
    expect(await refusal("system", "user")).toContain("Conversation roles must alternate user/assistant");
    expect(await refusal("user", "tool")).toContain("Only user and assistant roles are supported!");
    expect(await refusal("user", "assistant", "user")).toContain("chat.completion");
  });
});
