import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { PATHS } from "../../../src/contract/endpoints";
import { canonicalUri, uriPattern } from "../../../src/engines/adapters/adapter-uri";
import { INTERVIEW_BODY, NEWS_BODY, TASK_BODIES, TIL_BODY } from "../../support/bodies";
import { startSimulatedGateway } from "../../support/gateway";

type Json = z.core.util.JSONType;
type JsonObject = { [name: string]: Json };

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
let document: JsonObject;
beforeAll(async () => {
  gateway = await startSimulatedGateway();
  document = z.record(z.string(), z.json()).parse(await (await fetch(gateway.url + PATHS.openapi)).json());
});
afterAll(() => gateway.close());

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What lies at a path of keys, references followed on the way. */
function at(...path: readonly string[]): JsonObject {
  let found: Json | undefined = document;
  for (const key of path) found = isObject(found) ? followed(found[key]) : undefined;
  if (!isObject(found)) throw new Error(`${path.join(" ")} is no object`);
  return found;
}

/** A value with the components in the place of the references to them. */
function followed(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(followed);
  if (!isObject(value)) return value ?? null;
  if (typeof value.$ref === "string") return at(...value.$ref.replace("#/", "").split("/"));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, followed(inner)]));
}

const validator = (schema: JsonObject) => z.fromJSONSchema(schema);

/** Events as a reader of https://html.spec.whatwg.org/multipage/server-sent-events.html has them. */
function eventsOf(stream: string): { readonly event: string; readonly data: string }[] {
  return stream.split("\n\n").flatMap((block) => {
    const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
    return typeof fields.data === "string" ? [{ event: String(fields.event ?? "message"), data: fields.data }] : [];
  });
}

const branchSchema = z.object({
  properties: z.object({
    event: z.object({ enum: z.tuple([z.string()]) }),
    data: z.object({ contentSchema: z.record(z.string(), z.json()).optional() }),
  }),
});

/** What is wrong with a stream by its documented schema. */
function faultsOf(path: string, stream: string): string[] {
  const schema = at("paths", path, "post", "responses", "200", "content", "text/event-stream", "schema");
  const event = validator(schema);
  const contents = z
    .array(branchSchema)
    .parse(schema.anyOf)
    .flatMap(({ properties: { event: name, data } }) =>
      data.contentSchema === undefined ? [] : [{ name: name.enum[0], content: validator(data.contentSchema) }],
    );
  return eventsOf(stream).flatMap((received) => {
    const checks = [event.safeParse(received)];
    const content = contents.find(({ name }) => name === received.event)?.content;
    if (received.data !== "[DONE]")
      checks.push(content?.safeParse(JSON.parse(received.data)) ?? z.never().safeParse(0));
    return checks.flatMap(({ error }) =>
      error === undefined ? [] : [`${JSON.stringify(received)}: ${error.message}`],
    );
  });
}

const STREAMS = Object.entries(TASK_BODIES).filter(([task]) => task !== "interview");

describe("streams in the OpenAPI document", () => {
  it.each(STREAMS)("have a schema that every event of theirs matches: %s", async (task, body) => {
    const path = task === "chat" ? "/api/chat" : `/${task}`;
    const stream = await (
      await gateway.post(`${path}${task === "chat" ? "" : "?explain=true"}`, { ...body, stream: true })
    ).text();
    expect(eventsOf(stream).at(-1)).toEqual({ event: "message", data: "[DONE]" });
    if (task === "til") expect(stream).toMatch(/event: sources.*event: stored/s);
    expect(faultsOf(path, stream)).toEqual([]);
  });

  it("have one for the answer of a degraded instance", async () => {
    gateway.operations.degraded.enter("operator");
    const stream = await (await gateway.post("/api/chat", TASK_BODIES.chat)).text();
    gateway.operations.degraded.leave("operator");
    expect(faultsOf("/api/chat", stream)).toEqual([]);
  });

  it.each([
    ["an event of another name", "event: other\ndata: {}\n\n"],
    ["an event without the fields of its name", 'event: draining\ndata: {"code":"DRAINING"}\n\n'],
    ["a message that is no chunk", 'data: {"detail":"x"}\n\n'],
  ])("do not match %s", (_what, stream) => {
    expect(faultsOf("/news", stream)).not.toEqual([]);
  });
});

const TEXT = "Attention is all you need.";
const [REPOSITORY] = TIL_BODY.repo;

/** Bodies, and whether they are right. */
const BODIES: readonly (readonly [boolean, string, string, unknown])[] = [
  [true, "/interview", "a text", INTERVIEW_BODY],
  [
    false,
    "/interview",
    "a text and a stored one",
    { ...INTERVIEW_BODY, til_id: "6f1c0a52-8a3b-4d5e-9f60-718293a4b5c6" },
  ],
  [false, "/interview", "white space", { ...INTERVIEW_BODY, til: " \n" }],
  [true, "/til", "commits", TIL_BODY],
  [true, "/til", "commits by name", { ...TIL_BODY, domain: "commit" }],
  [true, "/til", "a paper", { user: "u", domain: "paper", title: "A", text: TEXT }],
  [false, "/til", "commits with a text", { ...TIL_BODY, text: TEXT }],
  [false, "/til", "commits with a title", { ...TIL_BODY, title: "A" }],
  [false, "/til", "a note with commits", { ...TIL_BODY, domain: "note", text: TEXT }],
  [false, "/til", "a note without a text", { user: "u", domain: "note" }],
  [false, "/til", "nothing to write from", { user: "u" }],
  [false, "/til", "a repository without changes", { ...TIL_BODY, repo: [{ name: "a", files: [], commits: [] }] }],
  [
    true,
    "/til",
    "a repository with an empty list beside another",
    { ...TIL_BODY, repo: [{ ...REPOSITORY, commits: [] }] },
  ],
  [false, "/til", "a user with a control character", { ...TIL_BODY, user: "a\u0085" }],
  [true, "/news", "an article", NEWS_BODY],
  [false, "/news", "an article of white space", { ...NEWS_BODY, text: "\t \u3000" }],
];

describe("rules in the OpenAPI document", () => {
  it.each(BODIES)("are those of the route: %s for %s with %s", async (right, path, _what, body) => {
    const schema = at("paths", path, "post", "requestBody", "content", "application/json", "schema");
    expect(validator(schema).safeParse(body).success).toBe(right);
    expect((await gateway.post(path, body)).status).toBe(right ? 200 : 422);
  });

  it("have a pattern of adapter URIs, none of which the route refuses or changes", () => {
    const prefixes = ["gs://production-adapters/", "/models/a.b/"];
    const pattern = new RegExp(uriPattern(prefixes));
    fc.assert(
      fc.property(fc.stringMatching(pattern), (uri) => {
        fc.pre(uri.length <= 1_024);
        expect(canonicalUri(uri, prefixes)).toBe(uri);
      }),
    );
    const hostile = ["", "..", "a/../b", "a/./b", "a//b", "a/", "a%2fb", "a\\b", "a b", "../production-adapters/a"];
    for (const rest of hostile) expect({ rest, is: pattern.test(prefixes[0] + rest) }).toEqual({ rest, is: false });
    for (const uri of ["gs://other/a", "/models/aXb/a", "/models/a.bc/a", "file:///a"])
      expect(pattern.test(uri)).toBe(false);
  });
});
