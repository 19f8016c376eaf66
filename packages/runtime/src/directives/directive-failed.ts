/** Why a directive could not be carried out: its message is told to the account's admin. */
export class DirectiveFailed extends Error {}
