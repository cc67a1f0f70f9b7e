/** `npm run docs:variables`: writes the table of environment variables in app/README.md from their definitions. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VARIABLES } from "../../app/src/config/config";

const README = join(__dirname, "../../app/README.md");
const HEAD = "| Variable | What it does | Unit | When unset |\n| --- | --- | --- | --- |\n";

const rows = Object.values(VARIABLES).map(
  ({ name, about, unit, unset }) => `| \`${name}\` | ${about} | ${unit.replaceAll("|", "\\|")} | ${unset} |\n`,
);
const text = readFileSync(README, "utf8");
writeFileSync(
  README,
  text.replace(/\| Variable +\|.*\n(\|.*\n)+/, () => HEAD + rows.join("")),
);
console.log(`app/README.md: ${rows.length} variables`);
