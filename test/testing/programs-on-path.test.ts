import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { canUse } from "../../testing/programs";

describe("canUse(program that is not installed)", () => {
  const before = process.env.TERRACE_REQUIRE_TOOLS;
  afterEach(() => {
    if (before === undefined) delete process.env.TERRACE_REQUIRE_TOOLS;
    else process.env.TERRACE_REQUIRE_TOOLS = before;
  });

  it("throws where TERRACE_REQUIRE_TOOLS=1", () => {
    process.env.TERRACE_REQUIRE_TOOLS = "1";
    expect(() => canUse("no-such-checker")).toThrow("no-such-checker is not installed");
  });

  it("returns false elsewhere and says on standard error what did not run", () => {
    delete process.env.TERRACE_REQUIRE_TOOLS;
    const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(canUse("no-such-checker")).toBe(false);
    expect(said).toHaveBeenCalledWith("did not run: checks by no-such-checker, which is not installed\n");
    said.mockRestore();
  });
});
