import { spawn } from "node:child_process";
import { z } from "zod";

/** A message of Terraform about a configuration. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Address, summary and detail, on one line. */
  readonly text: string;
}

/** The outcome of a Terraform command. */
export interface TerraformRun {
  readonly succeeded: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Resources by what the plan does with them; `undefined` for other commands. */
  readonly changes: PlannedChanges | undefined;
}

export interface PlannedChanges {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
}

const diagnostic = z.object({
  severity: z.enum(["error", "warning"]),
  summary: z.string(),
  detail: z.string().default(""),
  address: z.string().optional(),
});
/** Terraform's machine-readable output: https://developer.hashicorp.com/terraform/internals/machine-readable-ui */
const message = z.object({
  diagnostic: diagnostic.optional(),
  changes: z.object({ operation: z.string(), add: z.number(), change: z.number(), remove: z.number() }).optional(),
});
const validation = z.object({ diagnostics: z.array(diagnostic) });

/** A local provider folder always causes it: other platforms' checksums are unknown. Of no use to a throw-away plan. */
const LOCAL_PROVIDER_WARNING = "Incomplete lock file information for providers";

/** One Terraform binary, run without network, credentials or prompts. */
export class Terraform {
  private readonly binary: string;
  private readonly environment: NodeJS.ProcessEnv;

  /** @param configurationFile of Terraform itself. @default the user's */
  constructor(variables: NodeJS.ProcessEnv, configurationFile?: string) {
    this.binary = variables.TERRAFORM_BINARY_NAME ?? "terraform";
    // With real credentials a plan could read a real project.
    const withoutGoogle = Object.entries(variables).filter(([name]) => !/^(?:GOOGLE_|CLOUDSDK_|TF_VAR_)/.test(name));
    this.environment = {
      ...Object.fromEntries(withoutGoogle),
      GOOGLE_OAUTH_ACCESS_TOKEN: "offline-plan",
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      ...(configurationFile === undefined ? {} : { TF_CLI_CONFIG_FILE: configurationFile }),
    };
  }

  /** The version, such as `1.11.4`; `undefined` where the binary is missing. */
  async version(): Promise<string | undefined> {
    const { stdout, status } = await this.run(process.cwd(), ["version", "-json"]);
    if (status !== 0) return undefined;
    return z.object({ terraform_version: z.string() }).parse(JSON.parse(stdout)).terraform_version;
  }

  init(folder: string): Promise<TerraformRun> {
    return this.stream(folder, ["init", "-input=false", "-json"]);
  }

  async validate(folder: string): Promise<TerraformRun> {
    const { stdout, stderr, status } = await this.run(folder, ["validate", "-json"]);
    const parsed = validation.safeParse(jsonOrUndefined(stdout));
    if (!parsed.success) return failure(stderr || stdout);
    return { succeeded: status === 0, diagnostics: parsed.data.diagnostics.map(toDiagnostic), changes: undefined };
  }

  /**
   * Plans against the folder's local state; without one everything is to be made.
   * @param out file of the folder that the plan is kept in. @default it is not kept
   */
  plan(folder: string, out?: string): Promise<TerraformRun> {
    const keep = out === undefined ? [] : [`-out=${out}`];
    return this.stream(folder, ["plan", "-input=false", "-refresh=false", "-lock=false", "-json", ...keep]);
  }

  /** A kept plan as JSON. @throws Error with Terraform's message where it cannot be read */
  async show(folder: string, plan: string): Promise<unknown> {
    return JSON.parse(await this.text(folder, ["show", "-json", plan]));
  }

  /** The graph, in DOT, by which a kept plan would be applied. @throws Error as `show` does */
  graph(folder: string, plan: string): Promise<string> {
    return this.text(folder, ["graph", `-plan=${plan}`]);
  }

  /** The values of expressions, as JSON, by the folder's configuration and state. @throws Error as `show` does */
  async evaluate(folder: string, expressions: readonly string[]): Promise<unknown> {
    // The console quotes the string that the outer function returns.
    const line = await this.text(folder, ["console"], `nonsensitive(jsonencode([${expressions.join(", ")}]))\n`);
    return JSON.parse(String(JSON.parse(line)));
  }

  private async text(folder: string, args: readonly string[], input?: string): Promise<string> {
    const { stdout, stderr, status } = await this.run(folder, args, input);
    if (status !== 0) throw new Error(`terraform ${args.join(" ")} failed: ${stderr.trim().replace(/\s+/g, " ")}`);
    return stdout;
  }

  private async stream(folder: string, args: readonly string[]): Promise<TerraformRun> {
    const { stdout, stderr, status } = await this.run(folder, args);
    const messages = stdout.split("\n").flatMap((line) => message.safeParse(jsonOrUndefined(line)).data ?? []);
    const diagnostics = messages
      .flatMap((m) => m.diagnostic ?? [])
      .filter((d) => d.summary !== LOCAL_PROVIDER_WARNING)
      .map(toDiagnostic);
    const changes = messages.flatMap((m) => (m.changes?.operation === "plan" ? m.changes : [])).at(-1);
    // Terraform may fail before it reads the flag for JSON.
    if (status !== 0 && diagnostics.length === 0) return failure(stderr || stdout);
    return {
      succeeded: status === 0,
      diagnostics,
      changes: changes && { add: changes.add, change: changes.change, destroy: changes.remove },
    };
  }

  private run(
    folder: string,
    args: readonly string[],
    input = "",
  ): Promise<{ stdout: string; stderr: string; status: number }> {
    return new Promise((resolve) => {
      const child = spawn(this.binary, args, { cwd: folder, env: this.environment, stdio: "pipe" });
      // A command that reads nothing may have ended already.
      child.stdin.on("error", () => {}).end(input);
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        stdout += chunk;
      });
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        stderr += chunk;
      });
      child.on("error", (error) => resolve({ stdout, stderr: error.message, status: 127 }));
      child.on("close", (status) => resolve({ stdout, stderr, status: status ?? 1 }));
    });
  }
}

function toDiagnostic({ severity, address, summary, detail }: z.output<typeof diagnostic>): Diagnostic {
  const parts = [address, summary, detail].filter((part) => part !== undefined && part !== "");
  return { severity, text: parts.join(": ").replace(/\s+/g, " ") };
}

function failure(text: string): TerraformRun {
  const line = text.trim().replace(/\s+/g, " ") || "ended without a word";
  return { succeeded: false, diagnostics: [{ severity: "error", text: line }], changes: undefined };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
