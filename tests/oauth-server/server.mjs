// A strict OAuth server (oidc-provider), and an API behind it that takes the tokens which that gave out.
// Prints one line of JSON: where the two are, and the client's id and secret. Ends when its input ends.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const LIFE = 3; // seconds
const SCOPE = 'signicat-api';
// Characters that have to be form-encoded before they are put into HTTP Basic.
const client = { id: 'a client: 100%+/&=?', secret: 's3cret: 50%41 +/&="?\\~ for a test' };

// A refusal is early while the token has the life that was told of it: the provider counts in whole seconds, rounded
// down, so that its tokens end up to a second before. All other refusals are the client's mistake.
const figures = { issued: 0, refusedTokenRequests: 0, taken: 0, refusedEarly: 0, refusedLate: 0, shortestRestMs: LIFE * 1000 };
const issuedAt = new Map();
const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const origin = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(origin, {
  clients: [{
    client_id: client.id,
    client_secret: client.secret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: SCOPE,
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  clientAuthMethods: ['client_secret_basic'],
  scopes: [SCOPE],
  ttl: { ClientCredentials: LIFE },
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
});
provider.on('grant.success', (context) => {
  figures.issued += 1;
  issuedAt.set(context.body.access_token, Date.now());
});
provider.on('grant.error', (_, error) => {
  figures.refusedTokenRequests += 1;
  console.error(error);
});

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function api(request, response) {
  const [scheme, bearer] = (request.headers.authorization ?? '').split(' ');
  const token = scheme === 'Bearer' ? await provider.ClientCredentials.find(bearer) : undefined;
  const restMs = issuedAt.has(bearer) ? issuedAt.get(bearer) + LIFE * 1000 - Date.now() : -1;
  if (!token?.isValid || token.scope !== SCOPE) {
    figures[restMs > 0 ? 'refusedEarly' : 'refusedLate'] += 1;
    return answer(response, 401, { code: 'invalid_token', title: 'The token is not known, or no longer' });
  }
  figures.taken += 1;
  figures.shortestRestMs = Math.min(figures.shortestRestMs, restMs);
  return answer(response, 200, { id: request.url.split('/').at(-1) });
}

const oauth = provider.callback();
server.on('request', (request, response) => {
  if (request.url === '/figures') {
    answer(response, 200, figures);
  } else if (request.url.startsWith('/enterprise/sign/')) {
    api(request, response).catch((error) => answer(response, 500, { title: String(error) }));
  } else {
    oauth(request, response);
  }
});

console.log(JSON.stringify({
  base_url: `${origin}/enterprise/sign`,
  token_url: `${origin}/token`,
  client_id: client.id,
  client_secret: client.secret,
}));
process.stdin.resume().on('end', () => process.exit());
