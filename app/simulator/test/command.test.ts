import { describe, expect, it } from "@jest/globals";
import { readCommand } from "../src/flags";

const read = (line: string, env: Readonly<Record<string, string>> = {}) =>
  readCommand(line === "" ? [] : line.split(" "), env);

describe("the simulator's command line", () => {
  it("takes vLLM's flags", () => {
    const flags =
      "--port 8000 --model gemma --served-model-name g h --speed 4 --max-num-seqs 10 --scheduling-policy priority " +
      "--enable-lora --max-loras 4 --api-key k --shutdown-timeout 1.5 --max-num-queued-reqs 60";
    expect(read(flags, { VLLM_ALLOW_RUNTIME_LORA_UPDATING: "1" })).toMatchObject({
      kind: "serve",
      port: 8_000,
      host: "127.0.0.1",
      options: {
        model: "gemma",
        servedModelNames: ["g", "h"],
        speed: 4,
        maxNumSeqs: 10,
        schedulingPolicy: "priority",
        enableLora: true,
        maxLoras: 4,
        apiKeys: ["k"],
        shutdownTimeoutSeconds: 1.5,
        maxNumQueuedReqs: 60,
        allowRuntimeLoraUpdating: true,
        faults: false,
      },
    });
  });

  it("takes the gateway's variables as defaults of its flags", () => {
    const env = { PORT: "8105", HOST: "0.0.0.0", SIMULATOR_SPEED: "0" };
    expect(read("", env)).toMatchObject({ port: 8_105, host: "0.0.0.0", options: { speed: 0 } });
    expect(read("--port 9", env)).toMatchObject({ port: 9 });
  });

  it("prints its usage with --help", () => {
    const command = read("--help");
    expect(command.kind === "help" && command.text).toContain("--max-num-seqs N");
  });

  it.each([
    ["--unknown", "--unknown"],
    ["--speed fast", "--speed fast: must be a number from 0 to 1000"],
    ["--speed 1001", "--speed 1001: must be a number"],
    ["--port 70000", "--port 70000"],
    ["--max-num-seqs 1.5", "--max-num-seqs 1.5: must be a whole number"],
    ["--scheduling-policy lifo", "--scheduling-policy lifo: must be fcfs or priority"],
    ["model", "model"],
  ])("refuses %s in one line that names it", (line, problem) => {
    const command = read(line);
    expect(command).toMatchObject({ kind: "wrong", problem: expect.stringContaining(problem) });
    expect(command.kind === "wrong" && command.problem).not.toContain("\n");
  });

  it("names a wrong variable", () => {
    expect(read("", { SIMULATOR_SPEED: "-1" })).toMatchObject({
      kind: "wrong",
      problem: 'SIMULATOR_SPEED="-1": must be a number from 0 to 1000',
    });
  });
});
