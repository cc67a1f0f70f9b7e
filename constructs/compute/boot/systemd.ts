/** systemd units as data, rendered with systemd's own quoting. */

/** A unit file: its name with the type, e.g. `terrace-gateway.service`, and its sections. */
export interface SystemdUnit {
  readonly name: string;
  readonly sections: Readonly<Record<string, readonly Directive[]>>;
}

/** `key=value`. A key may come several times: `ExecStartPre`. */
export type Directive = readonly [key: string, value: string];

/**
 * One word of a command line: quoted, with specifiers (`%`) and variables (`$`) taken literally.
 * Source: systemd.service(5), "Command lines", and systemd.syntax(7), "Quoting".
 */
export function quoteWord(word: string): string {
  const literal = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[A-Za-z0-9_@%+=:,./$-]+$/.test(literal)) return literal;
  return `"${literal.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
}

/** Longest command line on one line, characters; a longer one has a word a line, to be read. */
const LINE_LENGTH = 120;

/**
 * A command line of literal words.
 * @throws RangeError where the first is no absolute path.
 */
export function commandLine(words: readonly string[]): string {
  const [program] = words;
  if (program === undefined || !program.startsWith("/")) {
    throw new RangeError(`a command begins with an absolute path, not ${JSON.stringify(program)}`);
  }
  const quoted = words.map(quoteWord);
  const line = quoted.join(" ");
  return line.length <= LINE_LENGTH ? line : quoted.join(" \\\n  ");
}

/** The text of a unit file. */
export function renderUnit(unit: SystemdUnit): string {
  const sections = Object.entries(unit.sections).map(
    ([name, directives]) => `[${name}]\n${directives.map(([key, value]) => `${key}=${value}\n`).join("")}`,
  );
  return sections.join("\n");
}

/**
 * A file for `EnvironmentFile=`, which a shell can source as well.
 * @throws RangeError for a value that one of the two would read differently.
 */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (!/^[A-Za-z0-9 _.,:/@#=+-]*$/.test(value)) {
      throw new RangeError(`${name} cannot go into an environment file: ${JSON.stringify(value)}`);
    }
    return `${name}="${value}"\n`;
  });
  return lines.join("");
}
