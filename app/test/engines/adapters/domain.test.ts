import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Activation, rollbackTarget } from "../../../src/engines/adapters/activation";
import {
  ADAPTER_NAME,
  type Adapter,
  type AdapterStatus,
  TRANSITIONS,
  transition,
} from "../../../src/engines/adapters/adapter";
import { AdapterUriError, canonicalUri, loraPath } from "../../../src/engines/adapters/adapter-uri";
import { Selection } from "../../../src/engines/adapters/selection";

function adapter<Status extends AdapterStatus>(status: Status, fields: Partial<Adapter<Status>> = {}): Adapter<Status> {
  return {
    id: "00000000-0000-4000-8000-000000000000",
    name: "jimin-commit-v1",
    baseModel: "gemma",
    version: 1,
    uri: "gs://adapters/jimin/commit/v1",
    sha256: "0".repeat(64),
    owner: "jimin",
    domain: "commit",
    createdAt: new Date(0),
    ...fields,
    status,
  };
}

describe("an adapter's states", () => {
  it("follow TRANSITIONS, and no other transition compiles", () => {
    expect(transition(adapter("staged"), "active").status).toBe("active");
    expect(transition(adapter("staged"), "retired").status).toBe("retired");
    expect(transition(adapter("active"), "retired").status).toBe("retired");
    expect(transition(adapter("retired"), "active").status).toBe("active");
    // @ts-expect-error it is active already
    transition(adapter("active"), "active");
    // @ts-expect-error what served is not staged again
    transition(adapter("active"), "staged");
    // @ts-expect-error it is retired already
    transition(adapter("retired"), "retired");
    // @ts-expect-error nothing is staged a second time
    transition(adapter("retired"), "staged");
    // @ts-expect-error it is staged already
    transition(adapter("staged"), "staged");
    const either: Adapter<"staged"> | Adapter<"retired"> = JSON.parse(JSON.stringify(adapter("staged")));
    // @ts-expect-error it may be retired already
    transition<"staged" | "retired", "retired">(either, "retired");
    expect(transition<"staged" | "retired", "active">(either, "active").status).toBe("active");
  });

  it("each have a next state, and each but staged a previous one", () => {
    const reached = new Set(Object.values(TRANSITIONS).flat());
    expect(reached).toEqual(new Set(["active", "retired"]));
    for (const next of Object.values(TRANSITIONS)) expect(next.length).toBeGreaterThan(0);
  });
});

describe("canonicalUri", () => {
  const prefixes = ["gs://adapters/", "/models/adapters/"];

  it.each([
    ["gs://adapters/jimin/v1", "gs://adapters/jimin/v1", "/models/adapters/adapters/jimin/v1"],
    ["gs://adapters/jimin/v1/", "gs://adapters/jimin/v1", "/models/adapters/adapters/jimin/v1"],
    ["gs://adapters/jimin%2Fv1", "gs://adapters/jimin/v1", "/models/adapters/adapters/jimin/v1"],
    ["/models/adapters/x", "/models/adapters/x", "/models/adapters/x"],
  ])("turns %s into %s, which vLLM finds at %s", (uri, canonical, path) => {
    expect(canonicalUri(uri, prefixes)).toBe(canonical);
    expect(loraPath(canonical)).toBe(path);
  });

  it.each([
    ["another bucket", "gs://elsewhere/jimin/v1"],
    ["a bucket whose name only begins alike", "gs://adapters-evil/jimin"],
    ["the prefix itself", "gs://adapters/"],
    ["another scheme", "https://adapters/jimin/v1"],
    ["a model hub's name", "jimin/commit"],
    ["a way up", "gs://adapters/../secrets"],
    ["an encoded way up", "gs://adapters/%2e%2e/secrets"],
    ["a way up encoded twice", "gs://adapters/%252e%252e/secrets"],
    ["an empty segment", "gs://adapters//v1"],
    ["an encoded empty segment", "gs://adapters/%2Fv1"],
    ["a backslash", "gs://adapters/a\\..\\b"],
    ["a null byte", "gs://adapters/a%00"],
    ["broken encoding", "gs://adapters/%zz"],
    ["a path beside the folder", "/models/adapters/../x"],
    ["too much", `gs://adapters/${"a".repeat(2_000)}`],
  ])("refuses %s", (_case, uri) => {
    expect(() => canonicalUri(uri, prefixes)).toThrow(AdapterUriError);
  });

  it("refuses every URI where no prefix is configured", () => {
    expect(() => canonicalUri("gs://adapters/x", [])).toThrow("ADAPTER_PREFIXES");
  });

  it("never returns a path outside a prefix, whatever the URI", () => {
    const piece = fc.oneof(fc.constantFrom("..", ".", "/", "%2e", "%2f", "%25", "\\", "a", "gs:"), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const uri = `gs://adapters/${pieces.join("")}`;
        let path: string;
        try {
          path = loraPath(canonicalUri(uri, prefixes));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AdapterUriError);
          return;
        }
        expect(new URL(path, "file:///").pathname).toBe(path);
        expect(path.startsWith("/models/adapters/adapters/")).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each(["../etc", "a/b", "a%2fb", "A", "", "a".repeat(65), "a b", "한"])("%j is no adapter's name", (name) => {
  expect(ADAPTER_NAME.test(name)).toBe(false);
});

describe("rollbackTarget", () => {
  const moves = fc.array(fc.oneof(fc.constant("rollback" as const), fc.nat({ max: 5 })));

  it("goes back through everything that answered, the base model last", () => {
    fc.assert(
      fc.property(moves, (wanted) => {
        const answered: (string | null)[] = [null];
        const history: Pick<Activation, "action" | "to">[] = [];
        for (const move of wanted) {
          const target = rollbackTarget(history);
          expect(target).toBe(answered.length > 1 ? answered[answered.length - 2] : undefined);
          if (move !== "rollback") {
            history.push({ action: "activate", to: `v${move}` });
            answered.push(`v${move}`);
          } else if (target !== undefined) {
            history.push({ action: "rollback", to: target });
            answered.pop();
          }
        }
      }),
    );
  });

  it("undoes a retirement", () => {
    const history = [
      { action: "activate", to: "v1" },
      { action: "retire", to: null },
    ] as const;
    expect(rollbackTarget(history)).toBe("v1");
  });
});

describe("Selection", () => {
  const own = adapter("active");
  const shared = adapter("active", { name: "commit-v2", owner: null, version: 2 });
  const selection = new Selection([own, shared]);

  it("chooses the user's own adapter, else the domain's, else the base model", () => {
    expect(selection.choose({ user: "jimin", domain: "commit" }, "gemma")).toEqual({ name: own.name, version: 1 });
    expect(selection.choose({ user: "minsu", domain: "commit" }, "gemma")).toEqual({ name: "commit-v2", version: 2 });
    expect(selection.choose({ user: "jimin", domain: "paper" }, "gemma")).toEqual({ name: null, version: null });
  });

  it("skips an adapter of another base model, and returns the reason where there is no other", () => {
    const other = new Selection([adapter("active", { baseModel: "mistral" }), shared]);
    expect(other.choose({ user: "jimin", domain: "commit" }, "gemma").name).toBe("commit-v2");
    expect(selection.choose({ user: "jimin", domain: "commit" }, "mistral").fallbackReason).toBe("base_model");
  });

  it("finds the user's own and shared adapters by name, never another user's", () => {
    const ask = (user: string, name: string) => selection.choose({ user, domain: "commit", name }, "gemma");
    expect(ask("jimin", own.name).name).toBe(own.name);
    expect(ask("minsu", "commit-v2").name).toBe("commit-v2");
    expect(ask("minsu", own.name)).toMatchObject({ name: null, fallbackReason: "unknown" });
    expect(ask("minsu", "nobodys")).toMatchObject({ name: null, fallbackReason: "unknown" });
  });

  it("keeps owners with unusual names apart from domains", () => {
    const strange = new Selection([adapter("active", { owner: "commit", domain: "a" }), shared]);
    expect(strange.choose({ user: "a/commit", domain: "commit" }, "gemma").name).toBe("commit-v2");
  });
});
