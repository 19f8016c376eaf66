import { LobsterError } from "../error.ts";
import type { NotificationId } from "../ids.ts";
import type { NotificationState } from "./types.ts";

/** The lease is not this holder's any more. Drop the work: whoever holds the lease will finish it. */
export class LeaseLostError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_LEASE_LOST";

  /** @param context the notification */
  constructor(context: { notification: NotificationId }) {
    super({
      message: `The lease on notification ${context.notification} was lost.`,
      hint: "Raise leaseMs above the longest pause of the process; the runtime renews leases by itself.",
      retryable: false,
    });
  }
}

/** A newer start of the same worker has taken over. This process must stop working. */
export class WorkerFencedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_WORKER_FENCED";

  /** @param context the worker */
  constructor(context: { workerId: string }) {
    super({
      message: `A newer process of worker ${JSON.stringify(context.workerId)} has taken over.`,
      hint: "Stop this process, or give each process that runs at the same time its own workerId.",
      retryable: false,
    });
  }
}

/** The notification is not in the state that the call is for. */
export class WrongStateError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_WRONG_STATE";

  /** @param context what was asked, and where the notification stands */
  constructor(context: {
    notification: NotificationId;
    state: NotificationState;
    wanted: NotificationState;
  }) {
    super({
      message: `Notification ${context.notification} is ${context.state}, not ${context.wanted}.`,
      hint: "Read its state with the admin port; only a dead notification can be redriven.",
      retryable: false,
    });
  }
}

/** All attempts are used up: this lease is for finding out what became of the last one, not for another. */
export class NoAttemptsLeftError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_NO_ATTEMPTS_LEFT";

  /** @param context the notification */
  constructor(context: { notification: NotificationId }) {
    super({
      message: `Notification ${context.notification} has no attempts left.`,
      hint: "Complete it with the reply of Claim.previous, or fail it; a claim whose attempt is above maxAttempts must not begin.",
      retryable: false,
    });
  }
}
