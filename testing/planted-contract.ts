import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A row that differs from the shipped ones in whatever may differ. */
const ROW = `
  planted: {
    about: "Planted answers",
    path: "/planted",
    aliases: ["/planted/alias"],
    routeClass: "planted",
    modelOf: "planted",
    fallbackQueue: "interviewFallbackQueue",
    requestClass: "batch",
    streamed: true,
    chained: true,
    adapted: true,
    ownLogLine: true,
  },
`;

const END_OF_TABLE = /\n} as const satisfies Readonly<Record<string, TaskRow>>;/;

/** The contract's source with one more row in the table of tasks. */
export function plantedContractSource(): string {
  const source = readFileSync(join(__dirname, "../app/src/contract/tasks.ts"), "utf8");
  if (!END_OF_TABLE.test(source))
    throw new Error("app/src/contract/tasks.ts: the end of the table of tasks was not found");
  return source.replace(END_OF_TABLE, (end) => ROW + end);
}

/** The module of that source. */
export function plantedContract(): Readonly<Record<string, unknown>> {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 };
  const { outputText } = ts.transpileModule(plantedContractSource(), { compilerOptions });
  const exported: Record<string, unknown> = {};
  new Function("exports", outputText)(exported);
  return exported;
}
