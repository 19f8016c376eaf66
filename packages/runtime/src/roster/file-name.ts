/** As a control plane takes them: `SOUL.md`, `AGENTS.md`. A name is never a path. */
const pattern = /^[A-Z][A-Z_]{0,31}\.md$/;

/** Whether this may be the name of a workspace file. */
export const isFileName = (name: string): boolean => pattern.test(name);
