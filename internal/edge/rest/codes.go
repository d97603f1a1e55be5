package rest

import "maps"

// codes is what the codes of problems mean. Those of single fields are told in the field's own message.
var codes = map[string]string{
	"not_signed_in":           "401. Nobody is signed in, or the session ended.",
	"invalid_token":           "401. The bearer token is unknown, revoked or expired.",
	"forbidden":               "403. The caller lacks the permission that is named.",
	"cross_origin":            "403. A page of another site sent this with the caller's cookie.",
	"not_found":               "404. There is no such thing, or it is not the caller's to see.",
	"no_such_route":           "404. The API has no such address.",
	"method_not_allowed":      "405. The address knows other methods, named in Allow.",
	"not_acceptable":          "406. The answer comes in none of the types of Accept.",
	"timeout":                 "408. The body took too long to arrive.",
	"malformed":               "400. The body is not JSON, or the query cannot be read.",
	"body_required":           "400. A JSON body is needed.",
	"body_unreadable":         "400. The body ended early.",
	"bad_header":              "400. A header cannot be read; it is named as a field.",
	"bad_path":                "400. The address cannot be read.",
	"too_large":               "413. The body is larger than the route takes.",
	"unsupported_type":        "415. The body's Content-Type is not one that the route reads.",
	"invalid":                 "422. Fields or parameters are wrong; each is named with a code.",
	"comment_required":        "422. The operator asks for a comment with each change: give it in Tandem-Comment.",
	"stale":                   "412. It was changed since it was read; current holds its present state.",
	"idempotency_conflict":    "409. The Idempotency-Key was used for another request.",
	"idempotency_in_progress": "409. The first request with the key is still being answered; ask again soon.",
	"idempotency_answer_lost": "409. The first request with the key was carried out, but its answer was lost.",
	"storage_full":            "503. There is no room left to store this. Nothing was changed.",
	"unavailable":             "503. The database cannot be reached or is too busy; Retry-After says when to ask again.",
	"busy":                    "503. Just now something else is being changed that this depends on; Retry-After says when to ask again.",
	"cancelled":               "503. The caller went away before the answer.",
	"malformed_json":          "400. The body is not JSON.",
	"blocked":                 "409. Something stands in the way; blocked_by names it.",
	"custom_field_in_use":     "409. Customers have values in the field.",
	"group_in_use":            "409. Customers belong to the group; say where they go.",
	"out_of_numbers":          "409. No customer ID is left to give.",
	"changed_since":           "A row of a job: it was changed by somebody else since, and left alone.",
	"requester_gone":          "A job: whoever asked for it may not act any more.",
	"not_a_file":              "The command line: what is named is no file.",
	"file_changed":            "The command line: the file changed while it was read.",
	"internal":                "500. A fault of ours, logged under the request ID.",
}

// Codes gives every code of a problem with its meaning.
func (s *Server) Codes() map[string]string { return maps.Clone(s.codes) }

// Code documents a code that the routes of a module refuse with.
func (a *API) Code(code, meaning string) { a.server.codes[code] = meaning }
