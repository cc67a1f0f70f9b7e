import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { SIMULATOR_FINGERPRINT } from "../../src/contract/endpoints";
import { errorObject, type RequestFault } from "./faults";
import type { Plan } from "./generation";
import { sendError, sendJson, sendText } from "./http";
import type { EndReason, SequenceListener } from "./sequence";
import { engineDead } from "./vllm-error";

/** How the two completion routes shape the same answer. */
export interface Shape {
  readonly object: string;
  readonly chunkObject: string;
  readonly idPrefix: string;
  /** Whether a stream begins with a chunk that only names the role. */
  readonly announcesRole: boolean;
  readonly choice: (text: string) => Record<string, unknown>;
  /** A chunk's choice up to its text, and after it: everything around the text is the same in all of them. */
  readonly piece: readonly [string, string];
  /** Fields of the whole answer that only this route has. */
  readonly tail: Readonly<Record<string, unknown>>;
}

const NO_MESSAGE_EXTRAS = {
  refusal: null,
  annotations: null,
  audio: null,
  function_call: null,
  tool_calls: [],
  reasoning: null,
};
const NO_PROMPT_EXTRAS = { prompt_logprobs: null, prompt_token_ids: null };

export const CHAT_SHAPE: Shape = {
  object: "chat.completion",
  chunkObject: "chat.completion.chunk",
  idPrefix: "chatcmpl",
  announcesRole: true,
  choice: (content) => ({ message: { role: "assistant", content, ...NO_MESSAGE_EXTRAS } }),
  piece: ['"delta":{"content":', "}"],
  tail: { service_tier: null, ...NO_PROMPT_EXTRAS, kv_transfer_params: null },
};

export const TEXT_SHAPE: Shape = {
  object: "text_completion",
  chunkObject: "text_completion",
  idPrefix: "cmpl",
  announcesRole: false,
  choice: (text) => ({ text, ...NO_PROMPT_EXTRAS }),
  piece: ['"text":', ""],
  tail: { service_tier: null, kv_transfer_params: null },
};

/** The parts of a request that its answer repeats. */
export interface AnswerOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly shape: Shape;
  readonly plan: Plan;
  /** Name of the model, or of the adapter. */
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly continuousUsage: boolean;
  /** vLLM's `--enable-prompt-tokens-details`. */
  readonly promptTokensDetails: boolean;
  readonly fault: RequestFault | undefined;
  /** Prompt tokens that the prefix cache had; read once the answer begins. */
  readonly cachedTokens: () => number;
}

interface Head {
  readonly id: string;
  readonly created: number;
}

function headOf({ request, shape }: AnswerOptions): Head {
  const given = request.headers["x-request-id"];
  const id = typeof given === "string" ? given : randomBytes(16).toString("hex");
  return { id: `${shape.idPrefix}-${id}`, created: Math.floor(Date.now() / 1_000) };
}

function usageOf({ plan, promptTokensDetails, cachedTokens }: AnswerOptions, completion_tokens: number) {
  const { length: prompt_tokens } = plan.prompt;
  const total_tokens = prompt_tokens + completion_tokens;
  const prompt_tokens_details = promptTokensDetails ? { cached_tokens: cachedTokens() } : null;
  return { prompt_tokens, total_tokens, completion_tokens, prompt_tokens_details };
}

/** Sends the answer when it is complete. */
export function wholeAnswer(options: AnswerOptions): SequenceListener {
  const { response, fault } = options;
  return {
    tokens(_from, to) {
      if (fault?.kind === "cut" && to > fault.afterTokens) response.destroy();
    },
    ended(reason) {
      if (reason === "error") sendError(response, engineDead());
      else if (reason === "abort") response.destroy();
      else if (fault?.kind === "error-object") sendJson(response, errorObject(fault.form));
      else if (fault?.kind === "rubbish") sendText(response, '{"choices": [{"mess', "application/json");
      else sendJson(response, wholeBody(options));
    },
  };
}

function wholeBody(options: AnswerOptions) {
  const { shape, plan, model, fault } = options;
  const tokens = fault?.kind === "finish" ? plan.tokens.slice(0, fault.afterTokens) : plan.tokens;
  const choice = {
    index: 0,
    ...shape.choice(tokens.join("")),
    logprobs: null,
    finish_reason: fault?.kind === "finish" ? fault.reason : plan.finishReason,
    stop_reason: plan.stopReason,
    token_ids: null,
  };
  return {
    ...headOf(options),
    object: shape.object,
    model,
    choices: [choice],
    system_fingerprint: SIMULATOR_FINGERPRINT,
    usage: usageOf(options, tokens.length),
    ...shape.tail,
  };
}

const SSE_HEADERS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };

/** Sends the answer's tokens as server-sent events, each when it is there; tokens that come together go together. */
export class StreamedAnswer implements SequenceListener {
  readonly #options: AnswerOptions;
  readonly #before: string;
  readonly #after: string;
  readonly #head: string;
  /** Whether nothing more is to be sent. */
  #isOver = false;

  constructor(options: AnswerOptions) {
    const { shape, model } = options;
    const { id, created } = headOf(options);
    this.#options = options;
    this.#head = `data: {"id":"${escaped(id)}","object":"${shape.chunkObject}","created":${created},"model":"${escaped(model)}"`;
    this.#before = `${this.#head},"choices":[{"index":0,${shape.piece[0]}`;
    this.#after = `${shape.piece[1]},"logprobs":null,"finish_reason":null,"token_ids":null}]}\n\n`;
  }

  tokens(from: number, to: number): void {
    const { response, plan, fault } = this.#options;
    if (this.#isOver) return;
    let text = from === 0 ? this.#opening() : "";
    const last = plan.tokens.length - 1;
    for (let index = from; index < to; index += 1) {
      if (fault?.kind === "cut" && index >= fault.afterTokens) {
        this.#cut(text);
        return;
      }
      if (fault?.kind === "finish" && index >= fault.afterTokens) {
        this.#end(`${text}${this.#lastChunk("", fault.reason)}data: [DONE]\n\n`);
        return;
      }
      if (fault?.kind === "error-object" && index >= fault.afterTokens) {
        this.#end(`${text}data: ${JSON.stringify(errorObject(fault.form))}\n\ndata: [DONE]\n\n`);
        return;
      }
      if (fault?.kind === "rubbish" && index > 0) {
        this.#end(`${text}data: {"choices": [{"del\n\n`);
        return;
      }
      text += index === last ? this.#lastChunk(plan.tokens[last] ?? "", plan.finishReason) : this.#chunk(index);
    }
    response.write(text);
  }

  ended(reason: EndReason): void {
    const { response, includeUsage, plan } = this.#options;
    if (this.#isOver) return;
    if (reason === "abort") response.destroy();
    else if (reason === "error") {
      if (response.headersSent) this.#end(`data: ${JSON.stringify(engineDead())}\n\ndata: [DONE]\n\n`);
      else sendError(response, engineDead());
    } else {
      const usage = includeUsage
        ? `${this.#head},"choices":[],${fingerprint},"usage":${JSON.stringify(this.#usage(plan.tokens.length))}}\n\n`
        : "";
      this.#end(`${usage}data: [DONE]\n\n`);
    }
  }

  /** The head, and for a chat the chunk that names the role. Its fingerprint marks the stream as simulated. */
  #opening(): string {
    const { response, shape } = this.#options;
    response.writeHead(200, SSE_HEADERS);
    if (!shape.announcesRole) return "";
    const choice = '{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}';
    return `${this.#head},${fingerprint},"choices":[${choice}],"prompt_token_ids":null${this.#running(0)}}\n\n`;
  }

  #chunk(index: number): string {
    const { plan, continuousUsage, shape } = this.#options;
    const text = this.#before + JSON.stringify(plan.tokens[index]);
    if (index === 0 && !shape.announcesRole) return `${text}${this.#after.slice(0, -3)},${fingerprint}}\n\n`;
    return continuousUsage ? `${text}${this.#after.slice(0, -3)}${this.#running(index + 1)}}\n\n` : text + this.#after;
  }

  #lastChunk(token: string, finishReason: string | null): string {
    const { plan, shape } = this.#options;
    const { stopReason, tokens } = plan;
    const reason = `"finish_reason":${JSON.stringify(finishReason)},"stop_reason":${JSON.stringify(stopReason)}`;
    return `${this.#before}${JSON.stringify(token)}${shape.piece[1]},"logprobs":null,${reason},"token_ids":null}],${fingerprint}${this.#running(tokens.length)}}\n\n`;
  }

  #running(tokens: number): string {
    return this.#options.continuousUsage ? `,"usage":${JSON.stringify(this.#usage(tokens))}` : "";
  }

  #usage(tokens: number) {
    const { prompt_tokens_details, ...usage } = usageOf(this.#options, tokens);
    return prompt_tokens_details === null ? usage : { ...usage, prompt_tokens_details };
  }

  #cut(text: string): void {
    const { response } = this.#options;
    this.#isOver = true;
    if (text === "") response.destroy();
    else response.write(text, () => response.destroy());
  }

  #end(text: string): void {
    this.#isOver = true;
    this.#options.response.end(text);
  }
}

const fingerprint = `"system_fingerprint":"${SIMULATOR_FINGERPRINT}"`;

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
