import { join, relative } from "node:path";
import ts from "typescript";

/** Where the examples' files are written, in folders as in the project: the compiler lays both over each other. */
export const EXAMPLES = ".build/examples";
const SCOPE = "test/docs/example-scope";

/** First line and lines of an example, counted from 0. */
interface Example {
  readonly line: number;
  readonly code: readonly string[];
}

/**
 * The TypeScript examples in a module's doc comments: what follows `@example`, to the next tag or the comment's end. Where it
 * has fences, what is in those of `ts`; fences of another language are no TypeScript.
 */
export function examplesOf(source: string): readonly Example[] {
  const lines = source.split("\n");
  return lines.flatMap((line, at) => {
    if (!/^\s*\* @example\b/.test(line)) return [];
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((next) => /^\s*(?:\*\/|\* @\w)/.test(next));
    const code = rest.slice(0, end === -1 ? rest.length : end).map((next) => next.replace(/^\s*\* ?/, ""));
    const typescript = code.some((next) => next.startsWith("```")) ? fenced(code) : code;
    return typescript.some((next) => next.trim() !== "") ? [{ line: at + 1, code: typescript }] : [];
  });
}

/** Only the lines inside `ts` fences; the others are empty, so that lines keep their numbers. */
function fenced(code: readonly string[]): readonly string[] {
  let inside = false;
  return code.map((line) => {
    const fence = /^```(\w*)/.exec(line);
    if (fence !== null) inside = !inside && fence[1] === "ts";
    return inside && fence === null ? line : "";
  });
}

/** Imports of a module as they are written, and the names that it imports and exports. */
function namesOf(path: string, source: string) {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023);
  const imports = file.statements.filter(ts.isImportDeclaration);
  return {
    imports: imports.map((statement) => statement.getText(file).replaceAll("\n", " ")),
    imported: new Set(imports.flatMap(importedNames)),
    exported: new Set(file.statements.flatMap(exportedNames)),
  };
}

function importedNames({ importClause }: ts.ImportDeclaration): readonly string[] {
  if (importClause === undefined) return [];
  const { name, namedBindings } = importClause;
  const whole = name === undefined ? [] : [name.text];
  if (namedBindings === undefined) return whole;
  if (ts.isNamespaceImport(namedBindings)) return [...whole, namedBindings.name.text];
  return [...whole, ...namedBindings.elements.map((element) => element.name.text)];
}

function exportedNames(statement: ts.Statement): readonly string[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    if (exportClause === undefined || ts.isNamespaceExport(exportClause)) return [];
    return exportClause.elements.map(({ name }) => name.text);
  }
  if (!ts.canHaveModifiers(statement) || !ts.getModifiers(statement)?.some(isExport)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  const declared = isNamed(statement) ? statement.name : undefined;
  return declared === undefined ? [] : [declared.text];
}

function isExport({ kind }: ts.ModifierLike): boolean {
  return kind === ts.SyntaxKind.ExportKeyword;
}

function isNamed(statement: ts.Statement) {
  return (
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  );
}

/**
 * A file that compiles when a module's examples do. Each example is the inside of a construct (`this`); it sees what its
 * module exports and imports, and the names of the common scope. Its lines have the numbers that they have in the module.
 */
export function examplesFile(path: string, source: string, scope: ReadonlySet<string>): string | undefined {
  const examples = examplesOf(source);
  if (examples.length === 0) return undefined;
  const { imports, imported, exported } = namesOf(path, source);
  const from = (target: string) => {
    const specifier = relative(join(path, ".."), target);
    return specifier.startsWith(".") ? specifier : `./${specifier}`;
  };
  const common = [...scope].filter((name) => !imported.has(name) && !exported.has(name));
  const own = [...exported].filter((name) => !imported.has(name));
  const head = [
    ...imports,
    `import { ${own.join(", ")} } from "${from(path.replace(/\.tsx?$/, ""))}";`,
    `import { ${common.join(", ")} } from "${from(SCOPE)}";`,
  ];
  const lines: string[] = [head.join(" ")];
  for (const [index, { line, code }] of examples.entries()) {
    while (lines.length < line - 1) lines.push("");
    lines.push(`function example${index}(this: import("constructs").Construct) {`, ...code, "}");
  }
  return `${lines.join("\n")}\n`;
}

/** What the common scope declares. */
export function scopeNames(source: string): ReadonlySet<string> {
  return namesOf(SCOPE, source).exported;
}
