import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "../shared/errors/app-error";
import { turnFor } from "../shared/turns";
import { encodingProblem, utf8Problem } from "./body-encoding";
import { BodyShapeError, type BodyShapeProblem } from "./errors/validation";

/**
 * Most values of a body, at any depth. The longest chat has 3,000; a day of 200 commits with ten files each, 6,600.
 * Validating as many that are all wrong takes 20 to 30 ms (measured with zod 4.6).
 */
export const MAX_BODY_VALUES = 20_000;
/** Most arrays and objects inside each other: the deepest field that is read, a patch of a TIL, lies in six. */
export const MAX_BODY_DEPTH = 32;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * What makes a JSON text too much to parse and validate at once: both take time by the value, a long string costs next
 * to nothing. Looks at each byte once, and at none after the one that is too much. `undefined`: nothing.
 */
export function shapeProblem(json: Uint8Array): BodyShapeProblem | undefined {
  // Every value but the first follows a comma or an opening bracket.
  let values = 1;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (quoted) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) {
      quoted = true;
    } else if (byte === COMMA) {
      values += 1;
      if (values > MAX_BODY_VALUES) return { type: "too_many_values", limit: MAX_BODY_VALUES };
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      values += 1;
      depth += 1;
      if (values > MAX_BODY_VALUES) return { type: "too_many_values", limit: MAX_BODY_VALUES };
      if (depth > MAX_BODY_DEPTH) return { type: "too_deep", limit: MAX_BODY_DEPTH };
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Of a body of JSON; 0 of any other. */
    bodyBytes: number;
  }
}

/**
 * Reads bodies of JSON as Fastify does, and refuses before that what is not UTF-8 and what would hold up everybody else's
 * requests. A large one is checked, parsed, validated and handled in one turn of the event loop each.
 */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.decorateRequest("bodyBytes", 0);
  // Before the body is read.
  app.addHook("preParsing", async ({ headers }, reply) => {
    const problem = encodingProblem(headers);
    if (problem === undefined) return;
    // RFC 9110 §12.5.3: what would be accepted.
    if (problem.code === "UNSUPPORTED_ENCODING") reply.header("accept-encoding", "identity");
    throw problem;
  });
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    request.bodyBytes = bytes.length;
    inTurn(request, done, () => {
      const refusal = refusalOf(bytes);
      if (refusal !== undefined) return done(refusal);
      inTurn(request, done, () => {
        const text = bytes.toString();
        parse(request, text, (error, body) => {
          // Its own error says no more than that it refuses the body.
          done(error !== null && isJson(text) ? new BodyShapeError({ type: "forbidden_key" }) : error, body);
        });
      });
    });
  });
  // What validates comes after the one, what answers after the other.
  app.addHook("preValidation", (request, _reply, done) => inTurn(request, done, done));
  app.addHook("preHandler", (request, _reply, done) => inTurn(request, done, done));
}

/** Goes on at once with a small body, and with a large one in its turn, unless its client has left by then. */
function inTurn(request: FastifyRequest, refuse: (error: Error) => void, goOn: () => void): void {
  const turn = turnFor(request.bodyBytes);
  if (turn === undefined) {
    goOn();
    return;
  }
  turn
    .then(() => (request.socket.destroyed ? refuse(new AppError("CLIENT_CLOSED_REQUEST")) : goOn()))
    .catch((thrown: unknown) => refuse(new AppError("INTERNAL_ERROR", { cause: thrown })));
}

function refusalOf(bytes: Buffer): Error | undefined {
  const problem = shapeProblem(bytes);
  return problem === undefined ? utf8Problem(bytes) : new BodyShapeError(problem);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
