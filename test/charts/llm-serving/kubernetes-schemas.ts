/** JSON schemas for kubeconform: Kubernetes' own, and ours of the custom resources. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { parseObject } from "../../support/json";
import { CUSTOM_RESOURCES } from "./custom-resources";
import { KUBERNETES_VERSION } from "./helm";

/** Python package that carries the schemas of every version, so that none is fetched while tests run. */
const PACKAGE = "kubernetes-validate";

/** The folder of the package; `undefined` where it is not installed. */
function packageFolder(): string | undefined {
  try {
    const print = "import kubernetes_validate, os; print(os.path.dirname(kubernetes_validate.__file__))";
    return execFileSync("python3", ["-c", print], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Whether manifests can be checked against Kubernetes' schemas. Without them one line reports that the tests did not run;
 * where `TERRACE_REQUIRE_TOOLS=1`, as in CI, their absence is an error.
 */
export function hasSchemas(): boolean {
  if (packageFolder() !== undefined) return true;
  const fix = `pip install ${PACKAGE} for python3`;
  if (process.env.TERRACE_REQUIRE_TOOLS === "1") throw new Error(`no schemas of Kubernetes: ${fix}`);
  process.stderr.write(`did not run: checks against Kubernetes' schemas; ${fix}\n`);
  return false;
}

/** Schemas laid out as kubeconform finds them. */
export class KubernetesSchemas {
  readonly #folder = mkdtempSync(join(tmpdir(), "schemas-"));

  constructor() {
    const from = join(packageFolder() ?? "", "kubernetes-json-schema", `v${KUBERNETES_VERSION}-local-strict`);
    mkdirSync(this.#folder, { recursive: true });
    for (const file of readdirSync(from)) {
      // The package gives each schema an address on the web and refers to definitions by it.
      const references = readFileSync(join(from, file), "utf8").replaceAll(
        "/api/_definitions.json#",
        file === "_definitions.json" ? "#" : "_definitions.json#",
      );
      const { $id: _, ...schema } = parseObject(references);
      writeFileSync(join(this.#folder, file), JSON.stringify(schema));
    }
    for (const [file, schema] of Object.entries(CUSTOM_RESOURCES)) {
      writeFileSync(join(this.#folder, `${file}.json`), JSON.stringify(z.toJSONSchema(schema, { target: "draft-7" })));
    }
  }

  /** For `kubeconform -schema-location`. */
  get location(): string {
    return join(this.#folder, "{{.ResourceKind}}{{.KindSuffix}}.json");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
