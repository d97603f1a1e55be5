// Package oidc speaks OpenID Connect with issuers: where to send a browser, and what the code is worth that it brings back.
//
// Owns: nothing kept. Does not own: whom to trust and whom a person is here (core/oidc).
//
// Invariants: the authorization code flow with PKCE alone. An ID token counts when it is signed by a key of the issuer's with
// an asymmetric algorithm, for this client, from this issuer, not expired, and carries the nonce of this try. Every answer is
// bounded in time and size, and redirects are not followed. Neither codes nor tokens reach a log or an error.
package oidc
