// An OpenID Connect provider on a free loopback port, which it prints: `node provider.js CLIENT SECRET`.
// Its own sign-in page takes every name, with any password; the name is the subject, and what is before
// an @ in it the preferred_username. So one name may come with two subjects.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [clientId, clientSecret] = process.argv.slice(2);
const callback = "/api/v1/sessions/oidc/callback";

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`http://testserver${callback}`],
      },
    ],
    claims: { profile: ["preferred_username"], email: ["email"] },
    pkce: { required: () => true },
    cookies: { keys: ["only for tests"] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id.split("@")[0] }),
    }),
  });
  // Where the tests' server listens is not known before it does.
  provider.Client.prototype.redirectUriAllowed = (uri) => new URL(uri).pathname === callback;
  server.on("request", provider.callback());
  console.log(issuer);
});
