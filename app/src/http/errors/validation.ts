import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { en, ko } from "zod/locales";
import { $ZodAsyncError, type $ZodRawIssue, config, util } from "zod/v4/core";
import type { Language } from "../../shared/errors/app-error";

/** One wrong field, as FastAPI shapes it. */
export interface ValidationDetail {
  /** Where: the part of the request, then keys and indices, e.g. `["body", "repo", 0, "name"]`. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** `missing`, `json_invalid`, or zod's issue code. */
  readonly type: string;
}

const LOCALES = { en: en().localeError, ko: ko().localeError } as const;
const MISSING = { en: "Field required", ko: "필수 항목입니다" } as const;

/** Most entries of a `detail` list: a person mends a few at a time, and a program sees the kind. */
export const MAX_DETAILS = 20;
/** Characters of a message, and of a key that the client chose. */
const MAX_MESSAGE_CHARS = 300;
const MAX_KEY_CHARS = 64;

/** A request that is refused with a list of what is wrong. The list is made late: its language depends on the headers. */
export abstract class RequestValidationError extends Error {
  override readonly name = "RequestValidationError";

  /** FastAPI's `detail` list, at most {@link MAX_DETAILS} entries. */
  abstract details(language: Language): ValidationDetail[];
}

/** A part of a request that its schema refuses. */
class SchemaMismatch extends RequestValidationError {
  readonly #part: string;
  readonly #issues: readonly $ZodRawIssue[];

  constructor(part: string, issues: readonly $ZodRawIssue[]) {
    super(`the request's ${part} is not valid`);
    this.#part = part;
    this.#issues = issues;
  }

  override details(language: Language): ValidationDetail[] {
    const details: ValidationDetail[] = [];
    for (const issue of this.#issues) {
      const room = MAX_DETAILS - details.length;
      if (room === 0) break;
      details.push(...detailsOf(issue, this.#part, language, room));
    }
    return details;
  }
}

/** Why a body does not reach its schema. */
export type BodyShapeProblem =
  | { readonly type: "too_many_values" | "too_deep"; readonly limit: number }
  | { readonly type: "forbidden_key" };

const SHAPE_MESSAGES = {
  too_many_values: {
    en: (limit: string) => `The body holds more than ${limit} values; send it in parts`,
    ko: (limit: string) => `본문의 값이 ${limit}개를 넘습니다. 나누어 보내 주세요`,
  },
  too_deep: {
    en: (limit: string) => `The body is nested deeper than ${limit} levels`,
    ko: (limit: string) => `본문의 중첩이 ${limit}단계를 넘습니다`,
  },
  forbidden_key: {
    en: () => 'The body has a key "__proto__", or a key "constructor" with "prototype" in it; leave it out',
    ko: () => '본문에 "__proto__" 키나 "prototype"이 든 "constructor" 키가 있습니다. 빼고 보내 주세요',
  },
} as const;

/** A body that is refused for its shape, before its schema reads it. */
export class BodyShapeError extends RequestValidationError {
  readonly #problem: BodyShapeProblem;

  constructor(problem: BodyShapeProblem) {
    super(`the request's body is ${problem.type}`);
    this.#problem = problem;
  }

  override details(language: Language): ValidationDetail[] {
    const { type } = this.#problem;
    const limit = "limit" in this.#problem ? this.#problem.limit.toLocaleString("en") : "";
    return [{ loc: ["body"], msg: SHAPE_MESSAGES[type][language](limit), type }];
  }
}

function detailsOf(raw: $ZodRawIssue, part: string, language: Language, room: number): ValidationDetail[] {
  const path = raw.path ?? [];
  const loc = [part, ...path.map((key) => (typeof key === "number" ? key : shortened(String(key), MAX_KEY_CHARS)))];
  if (raw.code === "unrecognized_keys") {
    // zod's own message names all keys; an entry names its own.
    return raw.keys.slice(0, room).map((given) => {
      const key = shortened(given, MAX_KEY_CHARS);
      return { loc: [...loc, key], msg: messageOf({ ...raw, keys: [key] }, language), type: raw.code };
    });
  }
  // The input distinguishes a missing field from one of a wrong type; it is never sent back.
  const missing = raw.code === "invalid_type" && raw.input === undefined;
  const msg = missing ? MISSING[language] : shortened(messageOf(raw, language), MAX_MESSAGE_CHARS);
  return [{ loc, msg, type: missing ? "missing" : raw.code }];
}

function messageOf(issue: $ZodRawIssue, language: Language): string {
  return util.finalizeIssue(issue, { error: LOCALES[language] }, config()).message;
}

function shortened(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars).replace(/[\ud800-\udbff]$/, "")}…`;
}

/**
 * Validates each part of a request with its zod schema; the handler gets the parsed value, defaults filled in. Headers
 * are passed on unparsed, also those that no schema names: a copy of them all would cost every request.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = httpPart === "querystring" ? "query" : (httpPart ?? "body");
  return (received: unknown) => {
    const value = received ?? undefined;
    // What `safeParse` does, but for its error: that writes a message for each of the issues, of which a body may have
    // tens of thousands.
    const result = schema._zod.run({ value, issues: [] }, { async: false });
    if (result instanceof Promise) throw new $ZodAsyncError();
    if (result.issues.length > 0) {
      return { error: new SchemaMismatch(part, result.issues.slice(0, MAX_DETAILS)) };
    }
    return part === "headers" ? true : { value: result.value };
  };
};

const NOT_JSON = { en: "The body is not valid JSON", ko: "본문이 올바른 JSON이 아닙니다" } as const;

/** The `detail` list of a body that is not JSON at all. */
export function jsonInvalidDetails(language: Language): ValidationDetail[] {
  return [{ loc: ["body"], msg: NOT_JSON[language], type: "json_invalid" }];
}
