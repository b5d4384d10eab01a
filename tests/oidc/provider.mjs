// A real OpenID provider for the tests: npm package oidc-provider, client credentials, JWT access tokens.
//
// node provider.mjs MODULES     MODULES is the folder in which oidc-provider is installed
//
// It prints its issuer, one line. A line on stdin is a command: "rotate" makes a new signing key, still publishes the
// one before, and prints "rotated".
// It ends when stdin ends.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// What the provider says of itself must not stand among the answers.
console.info = console.error;

const require = createRequire(join(process.argv[2], 'node_modules', 'here.js'));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);

// Accounts, with the roles their tokens carry.
const ACCOUNTS = {
  strata: ['platform'],
  portal: ['delivery'],
  stranger: [],
};

function key() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

let keys = [key()];

function provider(issuer) {
  return new Provider(issuer, {
    clients: Object.keys(ACCOUNTS).map((id) => ({
      client_id: id,
      client_secret: `secret of ${id}`,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    jwks: { keys },
    cookies: { keys: [randomUUID()] },
    extraTokenClaims: (_, token) => ({ roles: ACCOUNTS[token.clientId] }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:strata',
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'unused',
          audience: resource === 'urn:strata' ? 'strata' : 'another',
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  }).callback();
}

let answer = () => {};
const server = createServer((request, response) => answer(request, response));
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  answer = provider(issuer);
  console.log(issuer);
  const commands = createInterface({ input: process.stdin });
  commands.on('line', (line) => {
    if (line === 'rotate') {
      keys = [key(), keys[0]];
      answer = provider(issuer);
      console.log('rotated');
    }
  });
  commands.on('close', () => process.exit(0));
});
