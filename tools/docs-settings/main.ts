/** `npm run docs:settings`: writes docs/settings.md from the schema, so that the page cannot differ from the check. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsReference } from "./reference";

writeFileSync(join(__dirname, "../../docs/settings.md"), settingsReference());
console.log("wrote docs/settings.md");
