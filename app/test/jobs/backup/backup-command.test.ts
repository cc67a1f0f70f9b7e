import { describe, expect, it } from "@jest/globals";
import { backup } from "../../support/backup";

describe("terrace-app backup", () => {
  it.each([
    [[], "What shall backup do?"],
    [["burn"], "backup cannot burn"],
    [["restore"], "restore wants --into-temp or --swap"],
    [["create", "x"], "create takes no ID"],
    [["create", "--keep-days", "0"], "--keep-days is a whole number above 0, not 0"],
    [["create", "--only", "redis"], "--only is database or vectors, not redis"],
    [["list", "--all"], "Unknown option '--all'"],
  ])("refuses %j with a line and the usage, and opens nothing", async (args, why) => {
    const { code, lines } = await backup({}, ...args);
    expect(code).toBe(2);
    expect(lines[0]).toContain(why);
    expect(lines[1]).toMatch(/^Usage: terrace-app backup create/);
  });

  it("names the variable to set where there is no destination", async () => {
    expect(await backup({}, "list")).toMatchObject({
      code: 2,
      lines: [expect.stringMatching(/^BACKUP_DESTINATION is not set: .*BACKUP_DESTINATION='gs:\/\//)],
    });
  });
});
