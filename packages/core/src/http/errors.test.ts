import { expect, it } from "vitest";
import { LobsterError } from "../error.ts";
import {
  ControlPlaneAnswerError,
  ControlPlaneUnreachableError,
  ForbiddenError,
  UnexpectedError,
} from "./errors.ts";

it.each([
  ["ERR_CONTROL_PLANE_UNREACHABLE", true, new ControlPlaneUnreachableError({ reason: "ECONNRESET" })],
  ["ERR_CONTROL_PLANE_ANSWER", false, new ControlPlaneAnswerError({ problem: "is odd", retryable: false })],
  ["ERR_FORBIDDEN", false, new ForbiddenError({ problem: "no", hint: "Do not." })],
  ["ERR_UNEXPECTED", true, new UnexpectedError({ cause: "canary" })],
])("%s has its code, its page, and says what to do", (code, retryable, error) => {
  expect(error).toBeInstanceOf(LobsterError);
  expect(error.constructor).toHaveProperty("code", code);
  expect(error.toJSON()).toEqual({
    code,
    message: expect.stringMatching(/^[A-Z].*\.$/),
    hint: expect.stringMatching(/^[A-Z].*\.$/),
    retryable,
    docs: expect.stringMatching(new RegExp(`/errors/${code}$`)),
  });
});
