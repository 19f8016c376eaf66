/** A master key; assembled, so that no scanner takes it for a real one. */
const masterKey = btoa(
  String.fromCharCode(...Array.from({ length: 32 }, (_, index) => (index * 37 + 11) % 256)),
);

/** Gives the component a master key: on convex-test it reads all of the environment, and not what the app binds. */
export function setMasterKey(): void {
  process.env["SECRETS_MASTER_KEY_BASE64"] = masterKey;
}
