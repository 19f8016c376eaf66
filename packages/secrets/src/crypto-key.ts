/** A key that WebCrypto holds. Spelled this way because its global type has its name in some type libraries only. */
export type WebCryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
