// Package oidc lets staff in whom somebody else vouches for: an OpenID Connect issuer that the operator trusts.
//
// Owns: oidc_providers, oidc_links. Does not own: how an issuer is spoken with and its tokens are checked (edge/oidc,
// through Issuer), sessions and second factors (session), who works here (staff).
//
// Invariants: whoever says which issuers are trusted may do everything, since an issuer vouches for anybody. What a
// browser brings back is taken once, within ten minutes, from the browser that was sent, for the issuer it was sent to. A
// subject of an issuer is linked to one staff user and stays theirs; the first time the issuer has to say that the address is
// verified. A link that is taken away, and a provider that is disabled or removed, end the sessions that began by it.
package oidc
