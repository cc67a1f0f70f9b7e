/** Where a source has a value that the app's contract has a name for. */
import ts from "typescript";
import { ADAPTER_MOUNT, LOAD_REPORT, PATHS, PORTS, SIMULATOR_FINGERPRINT } from "../../app/src/contract/endpoints";
import { METRICS } from "../../app/src/contract/metrics";
import { isTask, TASK_NAMES, TASK_PATHS } from "../../app/src/contract/tasks";
import { ENV } from "../../app/src/contract/variables";

/** Found where tasks are listed by name. */
export const TASK_LIST = "a list of tasks";

/** Exporters and engines have these paths too. */
const OTHERS_PATHS: ReadonlySet<string> = new Set([PATHS.health, PATHS.metrics, PATHS.docs]);
const OWN_PATHS = [...TASK_PATHS, ...Object.values(PATHS)].filter((path) => !OTHERS_PATHS.has(path));
const VARIABLES = Object.values(ENV);
const VARIABLE_SET: ReadonlySet<string> = new Set(VARIABLES);

/** A value, and what of a text is that value. */
type Pattern = readonly [value: string, pattern: RegExp];

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** No other word has these in it. */
const ANYWHERE: readonly Pattern[] = [
  ...Object.values(METRICS).map((name): Pattern => [name, new RegExp(`\\b${name}(_bucket|_sum|_count)?\\b`)]),
  ...[ADAPTER_MOUNT, ...Object.values(LOAD_REPORT)].map(
    (value): Pattern => [value, new RegExp(`(?<![\\w-])${escaped(value)}(?![\\w-])`)],
  ),
];

/** In what a program reads, and not in a sentence: alone, in quotes, in a URL, or as an assignment. */
const IN_CODE: readonly Pattern[] = [
  ...OWN_PATHS.map((path): Pattern => [path, new RegExp(`(^|["']|://[^/\\s]*)${escaped(path)}/?($|["'?#])`)]),
  ...VARIABLES.map((name): Pattern => [name, new RegExp(`^${name}$|(?<!\\w)${name}=`)]),
  ...Object.values(PORTS).map((port): Pattern => [String(port), new RegExp(`^${port}$|://[^/\\s]*:${port}(?!\\d)`)]),
  [SIMULATOR_FINGERPRINT, new RegExp(`^${SIMULATOR_FINGERPRINT}$`)],
];

/** In a line of a file that has no sentences but comments. */
const IN_LINE: readonly Pattern[] = [
  ...OWN_PATHS.map((path): Pattern => [path, new RegExp(`(?<![\\w.-])${escaped(path)}(?![\\w.-])`)]),
  ...VARIABLES.map((name): Pattern => [name, new RegExp(`(?<!\\w)${name}(?!\\w)`)]),
  ...Object.values(PORTS).map((port): Pattern => [String(port), new RegExp(`(?<![\\w.])${port}(?![\\w.])`)]),
];

/** A source without any of these has no value of the contract. */
const CANDIDATE = new RegExp(
  [
    ...[...Object.values(METRICS), ...Object.values(LOAD_REPORT), ...OWN_PATHS].map(escaped),
    ...[ADAPTER_MOUNT, SIMULATOR_FINGERPRINT].map(escaped),
    `\\b(${VARIABLES.join("|")})\\b`,
    ...Object.values(PORTS).map((port) => [...String(port)].join("_?")),
    ...TASK_NAMES.map((task) => `"${task}"|\\b${task}:`),
  ].join("|"),
);

/** Values of the contract in a source, each once. */
export function typedValues(path: string, text: string): readonly string[] {
  if (!CANDIDATE.test(text)) return [];
  return [...new Set(/\.([cm]?[jt]s|tsx)$/.test(path) ? inProgram(path, text) : inLines(text))];
}

function matches(text: string, patterns: readonly Pattern[]): readonly string[] {
  return patterns.filter(([, pattern]) => pattern.test(text)).map(([value]) => value);
}

function inLines(text: string): readonly string[] {
  const code = text
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, ""))
    .join("\n");
  return matches(code.replace(/\{\{-? ?\/\*[\s\S]*?\*\/ ?-?\}\}/g, ""), [...ANYWHERE, ...IN_LINE]);
}

function inProgram(path: string, text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    found.push(...inNode(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

function inNode(node: ts.Node): readonly string[] {
  if (ts.isNumericLiteral(node)) return matches(node.text, IN_CODE);
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
    return matches(node.text, [...ANYWHERE, ...IN_CODE]);
  if (ts.isPropertyAccessExpression(node) && VARIABLE_SET.has(node.name.text)) return [node.name.text];
  return namesOf(node).filter(isTask).length > 1 ? [TASK_LIST] : [];
}

/** Names that a node lists: a literal's elements or properties, or the members of a union. */
function namesOf(node: ts.Node): readonly string[] {
  if (ts.isArrayLiteralExpression(node))
    return node.elements.flatMap((item) => (ts.isStringLiteral(item) ? item.text : []));
  if (ts.isObjectLiteralExpression(node))
    return node.properties.flatMap(({ name }) =>
      name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : [],
    );
  if (ts.isUnionTypeNode(node))
    return node.types.flatMap((type) =>
      ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? type.literal.text : [],
    );
  return [];
}
