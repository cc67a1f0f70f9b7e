/**
 * Public clients of OpenAI's API before an engine stub, each in a process of its own with no setting but base URL and key:
 * what fails here is the fault of the test, the stub or the client.
 */
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { describeWith } from "../../testing/programs";
import { runClient, type SceneOutcome } from "./client-run";
import { CLIENTS } from "./programs";
import { type EngineStub, STUB_MODEL, startEngineStub } from "./stub/engine-stub";

const KEY = "sk-clients-0123456789abcdefghijklmnopqrstuv";
const GREETING = "Hello from the engine stub, word by word.";
const WEATHER = { name: "get_weather", arguments: { city: "Seoul" }, text: "The tool said: 21 degrees in Seoul" };

const SCENES = [
  ...["chat", "stream", "stream-usage", "tools", "tools-stream", "json", "embeddings", "models"],
  ...["abort", "broken", "full", "wrong-key", "too-long", "timeout"],
];

let stub: EngineStub;
beforeAll(async () => {
  stub = await startEngineStub(KEY);
});
afterAll(() => stub?.close());

for (const client of CLIENTS) {
  describeWith([client.needs], client.name, () => {
    let outcomes: ReadonlyMap<string, SceneOutcome>;
    beforeAll(async () => {
      const to = { baseUrl: stub.baseUrl, key: KEY, model: STUB_MODEL, embedder: STUB_MODEL, scenes: SCENES };
      outcomes = await runClient(client, to);
    });
    const outcome = (scene: string) => outcomes.get(scene);
    const value = (scene: string) => outcome(scene)?.value ?? outcome(scene);

    it("returns a whole answer", () => {
      expect(value("chat")).toEqual({ text: GREETING, finish: "stop", usage: 20 });
    });
    it("reads a stream in OpenAI's own loop, comments in it skipped", () => {
      expect(value("stream")).toEqual({ text: GREETING, raised: null });
    });
    it("gets the usage of a stream where it asks for it", () => {
      expect(value("stream-usage")).toEqual({ usages: [20] });
    });
    it.each(["tools", "tools-stream"])("calls a tool and sends its result back: %s", (scene) => {
      expect(value(scene)).toEqual(WEATHER);
    });
    it("returns JSON of a schema", () => {
      expect(value("json")).toEqual({ city: "Seoul", celsius: 21 });
    });
    it("returns an embedding for each text", () => {
      expect(value("embeddings")).toEqual({ vectors: 2, numbers: true });
    });
    if (!client.lacks.includes("models")) {
      it("lists the models", () => {
        expect(value("models")).toEqual({ ids: expect.arrayContaining([STUB_MODEL]) });
      });
    }
    it.each(["abort", "timeout"])("stops the engine when it leaves: %s", (scene) => {
      expect(stub.left.get(scene === "timeout" ? "slow" : scene)).toContain(client.name);
    });
    it("reads words until it leaves", () => {
      expect(value("abort")).toEqual({ words: 3 });
    });
    it("raises at an error in the middle of a stream, after the text before it", () => {
      const raised = { type: client.errors.broken, message: expect.stringMatching(/./) };
      expect(value("broken")).toEqual({
        text: expect.stringMatching(/^Hello/),
        raised: expect.objectContaining(raised),
      });
    });
    it("sends a request again that was refused with 429", () => {
      expect(value("full")).toEqual({ text: GREETING });
      expect(stub.counts.get(`full ${client.name}`)).toBe(2);
    });
    if (client.keepsRetryAfter) {
      it("waits for the seconds of Retry-After", () => {
        expect(outcome("full")?.ms).toBeGreaterThanOrEqual(1_000);
      });
    }
    it("raises its own error for a key that is not known", () => {
      expect(outcome("wrong-key")?.error).toMatchObject({
        type: client.errors["wrong-key"],
        message: expect.any(String),
      });
    });
    it("raises its own error for a prompt beyond the context", () => {
      expect(outcome("too-long")?.error).toMatchObject({
        type: client.errors["too-long"],
        message: expect.any(String),
      });
    });
    it("raises its own error when its time is over", () => {
      expect(outcome("timeout")?.error?.type).toBe(client.errors.timeout);
    });
  });
}
