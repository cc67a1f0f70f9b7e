/**
 * `npm run til -- PATH`: writes a TIL from the commits of a git repository, with the gateway that runs here or at --url.
 * The document goes to standard output, everything else to standard error.
 */
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { PORTS } from "../../app/src/contract/endpoints";
import { tokenFor } from "../local-token";
import { post, readAnswer } from "./ask";
import { readCommits } from "./commits";
import { UserError } from "./git";
import { markdown, remarks, showStream } from "./show";

const USAGE = `Usage: npm run til -- PATH [options]
  PATH              a folder in a git repository
  --since TIME      commits since then, as git log takes it; a day is its beginning (default: yesterday)
  --author WHO      commits by a part of a name or address; "me" is git config user.email (default: everybody)
  --user NAME       whose TIL it is: earlier notes and adapters are looked up by it (default: the system's user)
  --url URL         where the gateway answers (default: http://localhost:${PORTS.gateway})
  --token TOKEN     bearer token (default: TERRACE_TOKEN, or that of the gateway that runs here)
  --language ko|en  language of the answer (default: ko)
  --stream          show the answer as it is written`;

const OPTIONS = {
  since: { type: "string", default: "yesterday" },
  author: { type: "string" },
  user: { type: "string", default: userInfo().username },
  url: { type: "string", default: `http://localhost:${PORTS.gateway}` },
  token: { type: "string" },
  language: { type: "string", default: "ko" },
  stream: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (thrown) {
    throw new UserError(`${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const [folder, ...more] = positionals;
  if (values.help) return console.log(USAGE);
  const { since, author, user, url, stream, language } = values;
  // An empty one is a variable that is not set, and git would take it for the working directory.
  if (folder === undefined || folder === "" || more.length > 0) throw new UserError(USAGE);
  if (language !== "ko" && language !== "en") throw new UserError(`--language ${language}: must be ko or en`);
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new UserError(`--url ${url}: must be an http(s) URL`);
  const repository = await readCommits({ folder, since, author }, process.env);
  console.error(`${repository.name}: ${repository.commits.length} commits since ${since}`);
  for (const note of repository.notes) console.error(note);
  const token = values.token ?? tokenFor(url, process.env);
  const response = await post({ url, token, user, language, repository }, stream);
  // A degraded instance does not stream, even on request.
  if (/^text\/event-stream/.test(response.headers.get("content-type") ?? "")) {
    for (const line of remarks(await showStream(response, (text) => process.stdout.write(text)))) console.error(line);
    return;
  }
  const answer = readAnswer(await response.json());
  process.stdout.write(markdown(answer, language));
  for (const line of remarks(answer)) console.error(line);
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof UserError ? thrown.message : thrown);
  process.exitCode = 1;
});
