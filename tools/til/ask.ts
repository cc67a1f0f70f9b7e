import { TASKS } from "../../app/src/contract/tasks";
import { UserError } from "./git";
import type { Repository } from "./repository";
import { localDate } from "./since";

export interface TilCall {
  /** Where the gateway answers, e.g. `http://localhost:8001`. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly user: string;
  readonly language: "ko" | "en";
  readonly repository: Repository;
}

/** An answer of the server, as far as it is shown. */
export interface TilAnswer {
  readonly title: string;
  readonly content: string;
  readonly keywords: readonly string[];
  readonly sources: readonly { readonly title: string; readonly date: string }[];
  readonly warnings: readonly string[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly model: string | null;
  readonly simulated: boolean;
}

/** @throws UserError where nothing answers, or the request is refused */
export async function post(request: TilCall, stream: boolean): Promise<Response> {
  const { url, token, user, language, repository } = request;
  const { name, branch, commits } = repository;
  const body = { user, date: localDate(new Date()), language, stream, repo: [{ name, branch, commits }] };
  let response: Response;
  try {
    response = await fetch(new URL(TASKS.til.path, url), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "accept-language": language,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : "";
    throw new UserError(`nothing answers at ${url}${cause}; start it with npm start, or name another with --url`);
  }
  if (!response.ok) throw new UserError(await refusal(response, url));
  return response;
}

async function refusal(response: Response, url: string): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const { detail, code } = isRecord(body) ? body : {};
  if (response.status === 401) {
    return `${url} wants a bearer token: give it with --token or TERRACE_TOKEN (npm run token makes one)`;
  }
  const retryAfter = response.headers.get("retry-after");
  const later = retryAfter === null ? "" : ` (try again in ${retryAfter} s)`;
  return `${url} answered ${response.status} ${String(code ?? "")}: ${detailText(detail)}${later}`;
}

function detailText(detail: unknown): string {
  if (!Array.isArray(detail)) return String(detail ?? "no reason given");
  return detail
    .map((item: unknown) => (isRecord(item) ? `${String(item.loc)}: ${String(item.msg)}` : String(item)))
    .join("; ");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The answer's parts. @throws UserError where it is none of this server's */
export function readAnswer(body: unknown): TilAnswer {
  if (!isRecord(body) || typeof body.title !== "string" || typeof body.content !== "string") {
    throw new UserError("the answer is not a TIL: is that a Terrace gateway?");
  }
  const { title, content } = body;
  return {
    title,
    content,
    keywords: strings(body.keywords),
    sources: records(body.sources).map((source) => ({ title: String(source.title), date: String(source.date) })),
    ...readRemarks(body),
  };
}

/** The metadata of an answer, or of a stream's events. */
export function readRemarks(body: Record<string, unknown>) {
  return {
    warnings: strings(body.warnings),
    skipped: records(body.skipped).map((file) => ({ path: String(file.path), reason: String(file.reason) })),
    model: typeof body.model === "string" ? body.model : null,
    simulated: body.simulated === true,
  };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Data of the events of a stream, parsed, with the event's name. */
export async function* readEvents(
  response: Response,
): AsyncGenerator<{ readonly name: string | undefined; readonly data: unknown }> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined || data === "[DONE]") continue;
      yield { name: /^event: (.*)$/m.exec(block)?.[1], data: JSON.parse(data) };
    }
  }
}
