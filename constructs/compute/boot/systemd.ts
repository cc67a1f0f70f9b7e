/** E.g. `terrace-gateway.service`. */
export interface SystemdUnit {
  readonly name: string;
  readonly sections: Readonly<Record<string, readonly Directive[]>>;
}

/** A key may repeat, such as `ExecStartPre`. */
export type Directive = readonly [key: string, value: string];

/** Specifiers (`%`) and variables (`$`) become literal. systemd.service(5), "Command lines"; systemd.syntax(7) */
export function quoteWord(word: string): string {
  const literal = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[A-Za-z0-9_@%+=:,./$-]+$/.test(literal)) return literal;
  return `"${literal.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
}

/** Longer command lines have a word a line. */
const LINE_LENGTH = 120;

/** @throws RangeError where the first word is no absolute path. */
export function commandLine(words: readonly string[]): string {
  const [program] = words;
  if (program === undefined || !program.startsWith("/")) {
    throw new RangeError(`a command begins with an absolute path, not ${JSON.stringify(program)}`);
  }
  const quoted = words.map(quoteWord);
  const line = quoted.join(" ");
  return line.length <= LINE_LENGTH ? line : quoted.join(" \\\n  ");
}

export function renderUnit(unit: SystemdUnit): string {
  const sections = Object.entries(unit.sections).map(
    ([name, directives]) => `[${name}]\n${directives.map(([key, value]) => `${key}=${value}\n`).join("")}`,
  );
  return sections.join("\n");
}

/** For `EnvironmentFile=` and for a shell. @throws RangeError for a value that the two would read differently. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (!/^[A-Za-z0-9 _.,:/@#=+-]*$/.test(value)) {
      throw new RangeError(`${name} cannot go into an environment file: ${JSON.stringify(value)}`);
    }
    return `${name}="${value}"\n`;
  });
  return lines.join("");
}
