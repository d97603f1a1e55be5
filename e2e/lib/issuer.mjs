// A small OpenID Connect issuer: one page with one button signs in whoever it is told to.
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const client = { id: 'tandem', secret: 'a-shared-secret' };
const b64 = (value) => Buffer.from(value).toString('base64url');

export async function issuer() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
  });
  const codes = new Map();
  const it = { person: {}, client };
  const sign = (claims) => {
    const text = `${b64(JSON.stringify({ alg: 'RS256', kid: 'one' }))}.${b64(JSON.stringify(claims))}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  };
  const pages = {
    '/.well-known/openid-configuration': () => ({
      issuer: it.url,
      authorization_endpoint: `${it.url}/authorize`,
      token_endpoint: `${it.url}/token`,
      jwks_uri: `${it.url}/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/keys': () => ({
      keys: [
        {
          ...publicKey.export({ format: 'jwk' }),
          kid: 'one',
          use: 'sig',
          alg: 'RS256',
        },
      ],
    }),
    '/authorize': (query) => {
      const code = randomUUID();
      codes.set(code, {
        nonce: query.get('nonce'),
        challenge: query.get('code_challenge'),
      });
      const back = new URL(query.get('redirect_uri'));
      const answer = {
        state: query.get('state'),
        code,
        iss: it.url,
        session_state: 'x',
      };
      for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value);
      const denied = new URL(query.get('redirect_uri'));
      denied.searchParams.set('state', query.get('state'));
      denied.searchParams.set('error', '<img src=x onerror=alert(1)>');
      const link = (at, text) => `<a href="${String(at).replaceAll('&', '&amp;')}">${text}</a>`;
      return `<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>${link(back, 'It is me')} ${link(denied, 'No')}`;
    },
    '/token': (query, body) => {
      const of = codes.get(body.get('code'));
      codes.delete(body.get('code'));
      const proof = createHash('sha256')
        .update(body.get('code_verifier') ?? '')
        .digest('base64url');
      if (!of || of.challenge !== proof) return undefined;
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: it.url,
        aud: client.id,
        iat: now,
        exp: now + 300,
        nonce: of.nonce,
        ...it.person,
      };
      return {
        access_token: 'x',
        token_type: 'Bearer',
        id_token: sign(claims),
      };
    },
  };
  const server = createServer(async (request, response) => {
    const at = new URL(request.url, 'http://x');
    let body = '';
    for await (const piece of request) body += piece;
    const answer = pages[at.pathname]?.(at.searchParams, new URLSearchParams(body));
    const page = typeof answer === 'string';
    response.writeHead(answer ? 200 : 400, {
      'Content-Type': page ? 'text/html' : 'application/json',
    });
    response.end(page ? answer : JSON.stringify(answer ?? { error: 'invalid_grant' }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  it.url = `http://127.0.0.1:${server.address().port}`;
  it.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return it;
}
