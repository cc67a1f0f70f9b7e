import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { en, ko } from "zod/locales";
import type { $ZodIssue } from "zod/v4/core";
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

/** Thrown by the validator. Parsed again for the messages, whose language depends on the request's headers. */
export class RequestValidationError extends Error {
  override readonly name = "RequestValidationError";
  readonly #part: string;
  readonly #schema: z.ZodType;
  readonly #data: unknown;

  constructor(part: string, schema: z.ZodType, data: unknown) {
    super(`the request's ${part} is not valid`);
    this.#part = part;
    this.#schema = schema;
    this.#data = data;
  }

  /** FastAPI's `detail` list. */
  details(language: Language): ValidationDetail[] {
    // The input distinguishes a missing field from one of a wrong type; it is never sent back.
    const { error } = this.#schema.safeParse(this.#data, { reportInput: true, error: LOCALES[language] });
    return (error?.issues ?? []).flatMap((issue) => detailsOf(issue, this.#part, language));
  }
}

function detailsOf(issue: $ZodIssue, part: string, language: Language): ValidationDetail[] {
  const loc = [part, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ loc: [...loc, key], msg: issue.message, type: issue.code }));
  }
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return [{ loc, msg: missing ? MISSING[language] : issue.message, type: missing ? "missing" : issue.code }];
}

/**
 * Validates each part of a request with its zod schema; the handler gets the parsed value, defaults filled in. Headers
 * are passed on unparsed, also those that no schema names: a copy of them all would cost every request.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = httpPart === "querystring" ? "query" : (httpPart ?? "body");
  return (received: unknown) => {
    const data = received ?? undefined;
    const result = schema.safeParse(data);
    if (!result.success) return { error: new RequestValidationError(part, schema, data) };
    return part === "headers" ? true : { value: result.data };
  };
};

const NOT_JSON = { en: "The body is not valid JSON", ko: "본문이 올바른 JSON이 아닙니다" } as const;

/** The `detail` list of a body that is not JSON at all. */
export function jsonInvalidDetails(language: Language): ValidationDetail[] {
  return [{ loc: ["body"], msg: NOT_JSON[language], type: "json_invalid" }];
}
