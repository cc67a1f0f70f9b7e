import { describe, expect, it } from "@jest/globals";
import Fastify from "fastify";
import { readJsonBodies } from "../../src/http/json-body";
import { LARGE_CHARS } from "../../src/shared/turns";
import { countLoops } from "../support/count-loops";

/** Ten requests at once, of bodies of so many characters; in which turn of the event loop each was handled. */
async function handledIn(chars: number): Promise<readonly number[]> {
  const app = Fastify();
  readJsonBodies(app);
  const turns: number[] = [];
  const loops = countLoops();
  app.post("/", async () => {
    turns.push(loops.count());
    return {};
  });
  const payload = { text: "a".repeat(chars) };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => app.inject({ method: "POST", url: "/", payload })),
  );
  loops.stop();
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 10 }, () => 200));
  await app.close();
  return turns;
}

describe("Large bodies", () => {
  it("are handled in one turn of the event loop each, however many come at once", async () => {
    const turns = await handledIn(LARGE_CHARS);
    expect(new Set(turns).size).toBe(10);
  });

  it("wait for nobody where they are small", async () => {
    const turns = await handledIn(LARGE_CHARS / 2);
    expect(new Set(turns).size).toBeLessThan(10);
  });
});
