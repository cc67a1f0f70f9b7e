import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { AppError, type Language, sentence } from "../../shared/errors/app-error";
import { preferredLanguage } from "../../shared/errors/language";
import { jsonInvalidDetails, RequestValidationError, type ValidationDetail } from "./validation";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** The body of an error answer. */
export interface ErrorBody {
  readonly detail: string | readonly ValidationDetail[];
  readonly code: string;
  readonly request_id: string;
}

/** The body of an {@link AppError} for one request, in the language that it prefers. */
export function errorBody(error: AppError, request: Pick<FastifyRequest, "headers" | "id">): ErrorBody {
  const language = preferredLanguage(request.headers["accept-language"]);
  return { detail: detailOf(error, language), code: error.code, request_id: request.id };
}

function detailOf(error: AppError, language: Language): ErrorBody["detail"] {
  if (error.cause instanceof RequestValidationError) return error.cause.details(language);
  if (error.code === "VALIDATION_ERROR") return jsonInvalidDetails(language);
  return sentence(error.code, language, error.params);
}

/** What Fastify itself throws before a handler runs, in our terms. */
function fromFastify(
  error: { code?: unknown; statusCode?: unknown },
  cause: unknown,
  bodyLimitBytes: number,
): AppError {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new AppError("PAYLOAD_TOO_LARGE", { params: { limit: bodyLimitBytes }, cause });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new AppError("UNSUPPORTED_MEDIA_TYPE", { cause });
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new AppError("VALIDATION_ERROR", { cause });
    default: {
      const { statusCode } = error;
      const theirs = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
      return new AppError(theirs ? "BAD_REQUEST" : "INTERNAL_ERROR", { cause });
    }
  }
}

function toAppError(thrown: unknown, bodyLimitBytes: number): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof RequestValidationError) return new AppError("VALIDATION_ERROR", { cause: thrown });
  // JSON.parse of Fastify's own parser throws a plain SyntaxError with a status.
  if (thrown instanceof SyntaxError && "statusCode" in thrown)
    return new AppError("VALIDATION_ERROR", { cause: thrown });
  if (typeof thrown === "object" && thrown !== null) return fromFastify(thrown, thrown, bodyLimitBytes);
  return new AppError("INTERNAL_ERROR", { cause: thrown });
}

/** Answers with an error, and logs it: ours loudly, a client's as information. */
export async function answerError(error: AppError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (error.status >= 500) request.log.error({ err: error, code: error.code }, "request failed");
  else request.log.info({ code: error.code, ...(request.is404 && { req: request }) }, "request refused");
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", error.retryAfterSeconds);
  reply.removeHeader("cache-control");
  await reply
    .code(error.status)
    .type("application/json; charset=utf-8")
    .serializer(JSON.stringify)
    .send(errorBody(error, request));
}

function answerUnrouted(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { method, url } = request;
  const path = url.split("?")[0] ?? url;
  const allowed = METHODS.filter((name) => app.hasRoute({ method: name, url: path }));
  if (allowed.length === 0) return answerError(new AppError("NOT_FOUND", { params: { path } }), request, reply);
  const allow = allowed.join(", ");
  reply.header("allow", allow);
  return answerError(new AppError("METHOD_NOT_ALLOWED", { params: { path, method, allow } }), request, reply);
}

/**
 * Answers every error in one shape, never with a stack or a foreign body; an unknown method of a known path is 405, whatever
 * its body is.
 */
export const errorHandler = fastifyPlugin<{ readonly bodyLimitBytes: number }>(
  async (app, { bodyLimitBytes }) => {
    app.setErrorHandler((thrown, request, reply) => answerError(toAppError(thrown, bodyLimitBytes), request, reply));

    app.setNotFoundHandler((request, reply) => answerUnrouted(app, request, reply));
    // Before its body is read, which is nobody's.
    app.addHook("preParsing", async (request, reply) => {
      if (request.is404) await answerUnrouted(app, request, reply);
    });
  },
  { name: "error-handler" },
);
