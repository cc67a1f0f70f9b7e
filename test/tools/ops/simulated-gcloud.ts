import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { CommandResult } from "../../../tools/ops/gcloud";

/** A machine of the simulator. One look from within is one tick of its clock. */
export interface SimulatedMachine {
  status: string;
  gateway: string;
  /** Number of its boot. */
  boot: number;
  /** Looks until it answers by SSH. */
  boots: number;
  /** Looks until it is healthy. */
  warm: number;
  inFlight: number;
  /** Looks that a boot takes to become healthy. */
  readonly warmUp: number;
}

const SERVING: SimulatedMachine = {
  status: "RUNNING",
  gateway: "active",
  boot: 1,
  boots: 0,
  warm: 0,
  inFlight: 0,
  warmUp: 2,
};

class Refused extends Error {}

/**
 * A simulator of the few `gcloud` commands that operations use: it keeps the states of machines and every call. Its errors
 * name it as simulated. It rejects flags that it does not read, and does not validate the others as the real command does.
 * A program called `gcloud` in `bin` calls it, so that operations start a real process.
 */
export class SimulatedGcloud {
  readonly calls: string[][] = [];
  /** `instances list` → what to fail with. */
  readonly broken = new Map<string, string>();
  readonly #machines: Map<string, SimulatedMachine>;
  #server: Server | undefined;

  constructor(names: readonly string[]) {
    this.#machines = new Map(names.map((name) => [name, { ...SERVING }]));
  }

  /** Listens, and writes the program that calls it into a folder for the PATH. */
  async install(bin: string): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { status, stdout, stderr } = this.answer(Buffer.concat(chunks).toString("utf8").split("\0").slice(0, -1));
        response.writeHead(status === 0 ? 200 : 500).end(status === 0 ? stdout : stderr);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    mkdirSync(bin, { recursive: true });
    writeFileSync(
      join(bin, "gcloud"),
      `#!/bin/bash
answer=$(printf '%s\\0' "$@" | curl --silent --write-out '\\n%{http_code}' --data-binary @- http://127.0.0.1:${port}/)
if [[ \${answer##*$'\\n'} == 200 ]]; then printf '%s\\n' "\${answer%$'\\n'*}"; else printf '%s\\n' "\${answer%$'\\n'*}" >&2; exit 1; fi
`,
      { mode: 0o755 },
    );
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server === undefined ? resolve(undefined) : this.#server.close(resolve)));
  }

  machine(name: string): SimulatedMachine {
    const machine = this.#machines.get(name);
    if (machine === undefined) throw new Refused(`The resource 'instances/${name}' was not found`);
    return machine;
  }

  change(name: string, changes: Partial<SimulatedMachine>): void {
    this.#machines.set(name, { ...this.machine(name), ...changes });
  }

  /** Every call that changed something, abbreviated. */
  changes(): string[] {
    return this.calls.flatMap(([, kind = "", verb = "", name = "", ...rest]) => {
      const command = rest.find((word) => word.startsWith("--command="))?.slice("--command=".length) ?? "";
      if (kind === "ssh") return command.includes("boot_id") ? [] : [`${verb}: ${command}`];
      return verb === "list" || verb === "get-health" ? [] : [`${name}: ${verb}`];
    });
  }

  answer(args: string[]): CommandResult {
    this.calls.push(args);
    try {
      return { status: 0, stdout: this.#run(args), stderr: "" };
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return { status: 1, stdout: "", stderr: `simulated gcloud: ${thrown.message}` };
    }
  }

  #run(args: readonly string[]): string {
    const [area = "", kind = "", verb = "", name = ""] = args;
    const broken = this.broken.get(`${kind} ${verb}`);
    if (broken !== undefined) throw new Refused(broken);
    if (kind === "ssh") return this.#ssh(this.machine(verb), optionOf(args, "command"));
    switch (`${area} ${kind} ${verb}`) {
      case "compute instances list":
        return this.#list(optionOf(args, "filter"));
      case "compute backend-services get-health":
        return this.#health();
      case "compute instances start":
        this.#boot(this.machine(name)).status = "STAGING";
        return "";
      case "compute instances simulate-maintenance-event":
        Object.assign(this.machine(name), { status: "STOPPING", gateway: "inactive" });
        return "";
      case "run jobs execute":
        return `Execution [${name}-abcde] has successfully completed.`;
      default:
        throw new Refused(`knows no ${args.join(" ")}`);
    }
  }

  #list(filter: string): string {
    const names = /^name=\((.*)\)$/.exec(filter)?.[1]?.split(" ") ?? [];
    return JSON.stringify(
      [...this.#machines].flatMap(([name, machine]) => {
        if (!names.includes(name)) return [];
        const { status } = machine;
        if (status === "STAGING") machine.status = "RUNNING";
        if (status === "STOPPING") machine.status = "TERMINATED";
        return [{ name, status }];
      }),
    );
  }

  #health(): string {
    const healthStatus = [...this.#machines].map(([name, { status, gateway, warm, boots }]) => ({
      instance: `https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/${name}`,
      healthState: status === "RUNNING" && gateway === "active" && warm === 0 && boots === 0 ? "HEALTHY" : "UNHEALTHY",
    }));
    return JSON.stringify([{ backend: "https://example/group", status: { healthStatus } }]);
  }

  #boot(machine: SimulatedMachine): SimulatedMachine {
    return Object.assign(machine, { boot: machine.boot + 1, boots: 1, gateway: "active", warm: machine.warmUp });
  }

  #ssh(machine: SimulatedMachine, command: string): string {
    if (machine.status !== "RUNNING") throw new Refused("the machine is not running");
    if (command.includes("boot_id")) return this.#look(machine);
    if (command.includes("systemctl stop")) Object.assign(machine, { gateway: "deactivating", inFlight: 2 });
    else if (command.includes("systemctl start")) Object.assign(machine, { gateway: "active", warm: machine.warmUp });
    else if (command.includes("systemctl reboot")) this.#boot(machine);
    else throw new Refused(`the machine knows no ${command}`);
    return "";
  }

  #look(machine: SimulatedMachine): string {
    if (machine.boots > 0) {
      machine.boots -= 1;
      throw new Refused("failed to connect to backend");
    }
    const { gateway, inFlight, boot } = machine;
    if (gateway === "deactivating") {
      machine.inFlight = Math.max(0, inFlight - 1);
      if (machine.inFlight === 0) machine.gateway = "inactive";
    } else if (gateway === "active" && machine.warm > 0) machine.warm -= 1;
    return [`boot-${boot}`, gateway, ...(gateway === "inactive" ? [] : [String(inFlight)])].join("\n");
  }
}

function optionOf(args: readonly string[], name: string): string {
  return args.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? "";
}
