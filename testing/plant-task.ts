/**
 * Imported first by a test: every module that is loaded after it reads a contract with one more task, which a list that is
 * written by hand lacks.
 */
import { jest } from "@jest/globals";
import { plantedContract } from "./planted-contract";

jest.mock("../app/src/contract/tasks", () => plantedContract());
