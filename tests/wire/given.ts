/** A deployment of Convex that somebody has given. */
interface GivenDeployment {
  url: string;
  adminKey: string;
}

/** The deployment that the environment names; null without one. */
export function givenDeployment({
  CONVEX_URL: url,
  CONVEX_ADMIN_KEY: adminKey,
}: NodeJS.ProcessEnv): GivenDeployment | null {
  return url === undefined || adminKey === undefined ? null : { url, adminKey };
}
