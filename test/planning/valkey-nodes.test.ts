import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { VALKEY_NODES, valkeyNode } from "../../planning/valkey-nodes";

describe("valkeyNode", () => {
  it("is the smallest that holds the data, with a service-level agreement where production needs one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 46 }), fc.boolean(), (memoryGb, production) => {
        const node = valkeyNode(memoryGb, { production });
        expect(node.writableGb).toBeGreaterThanOrEqual(memoryGb);
        if (production) expect(node.production).toBe(true);
        const smaller = VALKEY_NODES.filter(
          (other) => other.memoryGb < node.memoryGb && (other.production || !production),
        );
        for (const other of smaller) expect(other.writableGb).toBeLessThan(memoryGb);
      }),
    );
  });

  it("throws with what one shard holds", () => {
    expect(() => valkeyNode(47, { production: false })).toThrow("more than the 46.4 GB");
  });
});
