import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { Task } from "../contract/tasks";
import { chatRoutes } from "../tasks/chat/route";
import { interviewRoutes } from "../tasks/interview/route";
import { newsRoutes } from "../tasks/news/route";
import type { TaskParts } from "../tasks/shared/task-parts";
import { tilRoutes } from "../tasks/til/route";

/** The routes of every task. */
export const TASK_ROUTES: Readonly<Record<Task, FastifyPluginAsyncZod<TaskParts>>> = {
  til: tilRoutes,
  news: newsRoutes,
  interview: interviewRoutes,
  chat: chatRoutes,
};
