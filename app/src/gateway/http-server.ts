import Fastify, { type FastifyBaseLogger } from "fastify";
import { serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { refuseUnreadableBytes, refuseUnreadablePath, refuseUnservable } from "../http/errors/unreadable-request";
import { validatorCompiler } from "../http/errors/validation";
import { readJsonBodies } from "../http/json-body";
import { requestId } from "../http/plugins/request-identity";
import { requestLog } from "../http/plugins/request-log";

/** Milliseconds that a client has to send its headers: Node's own default is 60 s, far more than any real client needs. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Milliseconds that a client has to send a whole request: 4 MiB at 0.5 Mbit/s take 67 s. */
const REQUEST_TIMEOUT_MS = 90_000;
/** Milliseconds between looks for requests beyond these times; Node's own 30 s would add them to each. */
const TIMEOUT_CHECK_MS = 5_000;
/** Characters of a part of a path: as many as Node reads of all headers, so that the route's own schema names the error. */
const MAX_PARAM_LENGTH = 16_384;

export interface HttpServerOptions {
  readonly logger: FastifyBaseLogger;
  readonly bodyLimitBytes: number;
  /** Milliseconds that an idle connection is kept. */
  readonly keepAliveMs: number;
}

/** Fastify with the limits of this service, zod schemas, and refusals in our error shape; without routes. */
export function createHttpServer({ logger, bodyLimitBytes, keepAliveMs }: HttpServerOptions) {
  const app = Fastify({
    loggerInstance: logger,
    logController: requestLog(),
    bodyLimit: bodyLimitBytes,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    requestIdHeader: false,
    genReqId: requestId,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: refuseUnreadablePath,
    clientErrorHandler: refuseUnreadableBytes,
    // Refusals while closing come from the drain gate, in our error shape.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    // Without a Host, Node answers in its own shape.
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      requireHostHeader: false,
    },
  }).withTypeProvider<ZodTypeProvider>();
  // Fastify's own takes it as a string, which every schema then refuses in the wrong words.
  app.removeContentTypeParser("text/plain");
  readJsonBodies(app);
  refuseUnservable(app.server);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest("caller", null);
  return app;
}
