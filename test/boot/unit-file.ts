/** Reads rendered boot content back, independently of what renders it. */
import { load } from "js-yaml";

/** A parsed unit: values by section and key, in order. */
export type UnitFile = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What a machine boots from. */
export interface BootContent {
  /** Content by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Parsed units by name. */
  readonly units: Readonly<Record<string, UnitFile>>;
  readonly commands: readonly (readonly string[])[];
}

/** Parses a unit file as systemd.syntax(7) has it: continuation lines, comments, repeated keys. */
export function parseUnit(text: string): UnitFile {
  const unit: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> | undefined;
  for (const line of text.replaceAll("\\\n", "").split("\n")) {
    const header = /^\[(\w+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = {};
      unit[header] = section;
    } else if (line !== "" && !line.startsWith("#")) {
      const at = line.indexOf("=");
      if (section === undefined || at < 1) throw new Error(`no directive of a unit file: ${line}`);
      const key = line.slice(0, at);
      section[key] = [...(section[key] ?? []), line.slice(at + 1)];
    }
  }
  return unit;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", '"': '"' };

/** Words of a command line as systemd.service(5) has it: double quotes, escapes, `%%` and `$$`. */
export function parseCommand(line: string): string[] {
  const words = line.match(/(?:"(?:\\.|[^"\\])*"|[^\s"\\]+)/g) ?? [];
  if (words.join("").length !== line.replaceAll(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, "").length) {
    throw new Error(`cannot read the command line: ${line}`);
  }
  return words.map((word) => {
    const plain = word.startsWith('"')
      ? word.slice(1, -1).replaceAll(/\\(.)/g, (_, sign: string) => {
          const escaped = ESCAPES[sign];
          if (escaped === undefined) throw new Error(`unknown escape \\${sign} in ${word}`);
          return escaped;
        })
      : word;
    if (/(?<!%)(?:%%)*%(?!%)|(?<!\$)(?:\$\$)*\$(?!\$)/.test(plain)) throw new Error(`${word} would be expanded`);
    return plain.replaceAll("%%", "%").replaceAll("$$", "$");
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strings(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === "string")) {
    throw new Error(`no list of strings: ${JSON.stringify(value)}`);
  }
  return value;
}

/** Parses user data. */
export function parseUserData(text: string): BootContent {
  if (!text.startsWith("#cloud-config\n")) throw new Error("user data begins with #cloud-config");
  const document: unknown = load(text);
  if (!isRecord(document) || !Array.isArray(document.write_files) || !Array.isArray(document.runcmd)) {
    throw new Error("user data has write_files and runcmd");
  }
  const files: Record<string, string> = {};
  const units: Record<string, UnitFile> = {};
  for (const file of document.write_files) {
    if (!isRecord(file) || typeof file.path !== "string" || typeof file.content !== "string") {
      throw new Error(`no file: ${JSON.stringify(file)}`);
    }
    files[file.path] = file.content;
    const unit = /^\/etc\/systemd\/system\/(.+)$/.exec(file.path)?.[1];
    if (unit !== undefined) units[unit] = parseUnit(file.content);
  }
  return { files, units, commands: document.runcmd.map(strings) };
}

/** The units that a directive such as `Requires` names. */
export function named(unit: UnitFile | undefined, directive: string): string[] {
  return (unit?.Unit?.[directive] ?? []).flatMap((value) => value.split(" ")).filter((name) => name !== "");
}

/** The only value of a directive of `[Service]`. */
export function service(unit: UnitFile | undefined, directive: string): string {
  const [value, ...more] = unit?.Service?.[directive] ?? [];
  if (value === undefined || more.length > 0) throw new Error(`${directive} should be there once`);
  return value;
}

/** Every unit that must have succeeded before this one starts. */
export function allRequired(content: BootContent, name: string): Set<string> {
  const found = new Set<string>();
  const visit = (unit: string) => {
    for (const required of named(content.units[unit], "Requires")) {
      if (found.has(required)) continue;
      found.add(required);
      visit(required);
    }
  };
  visit(name);
  return found;
}

/** Whether a unit is ordered after another, directly or through others: then systemd stops it before the other. */
export function startsAfter(content: BootContent, name: string, other: string): boolean {
  const seen = new Set<string>();
  const visit = (unit: string): boolean => {
    if (seen.has(unit)) return false;
    seen.add(unit);
    return named(content.units[unit], "After").some((before) => before === other || visit(before));
  };
  return visit(name);
}
