import type { FastifyPluginAsync } from "fastify";
import { TASK_NAMES, type Task } from "../contract";
import { type ChatRouteOptions, chatRoutes } from "../tasks/chat/route";
import { interviewRoutes } from "../tasks/interview/route";
import { newsRoutes } from "../tasks/news/route";
import type { GenerationRouteOptions } from "../tasks/shared/generation-options";
import { tilRoutes } from "../tasks/til/route";
import type { Generation } from "./open-generation";

export interface TaskRoutesOptions extends GenerationRouteOptions, ChatRouteOptions {
  readonly generation: Generation;
}

/** Registers every task's routes, in the order of the table. */
export const taskRoutes: FastifyPluginAsync<TaskRoutesOptions> = async (app, options) => {
  const { generation, models, lifecycle, degraded, streamHeaders } = options;
  const routes = { ...generation, lifecycle, degraded };
  const register: Readonly<Record<Task, () => PromiseLike<unknown>>> = {
    til: () => app.register(tilRoutes, routes),
    news: () => app.register(newsRoutes, routes),
    interview: () => app.register(interviewRoutes, routes),
    chat: () => app.register(chatRoutes, { models, lifecycle, degraded, streamHeaders }),
  };
  for (const task of TASK_NAMES) await register[task]();
};
