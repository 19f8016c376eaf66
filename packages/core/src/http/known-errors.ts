import {
  IdempotencyConflictError,
  InvalidInputError,
  NotFoundError,
  TooLargeError,
  TooManyTokensError,
  UnauthorizedError,
} from "../errors.ts";
import {
  LeaseLostError,
  NoAttemptsLeftError,
  WorkerFencedError,
  WrongStateError,
} from "../notification/errors.ts";
import {
  BootstrapTokenError,
  ProvisionConflictError,
  ProvisioningDisabledError,
  ProvisionStateError,
} from "../provision/errors.ts";
import {
  ControlPlaneAnswerError,
  ControlPlaneUnreachableError,
  ForbiddenError,
  UnexpectedError,
} from "./errors.ts";

/** The errors that a control plane throws, and the status with which each is answered. Callers go by the code. */
export const knownErrors = [
  { type: InvalidInputError, status: 400 },
  { type: UnauthorizedError, status: 401 },
  { type: BootstrapTokenError, status: 401 },
  { type: ForbiddenError, status: 403 },
  { type: ProvisioningDisabledError, status: 403 },
  { type: NotFoundError, status: 404 },
  { type: IdempotencyConflictError, status: 409 },
  { type: LeaseLostError, status: 409 },
  { type: NoAttemptsLeftError, status: 409 },
  { type: ProvisionStateError, status: 409 },
  { type: TooManyTokensError, status: 409 },
  { type: WorkerFencedError, status: 409 },
  { type: WrongStateError, status: 409 },
  { type: TooLargeError, status: 413 },
  { type: UnexpectedError, status: 500 },
  { type: ProvisionConflictError, status: 503 },
  // Thrown where a control plane is itself a client of another.
  { type: ControlPlaneAnswerError, status: 502 },
  { type: ControlPlaneUnreachableError, status: 503 },
] as const;
