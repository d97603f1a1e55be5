package rest

import (
	"net/http"
	"time"
)

// sessionCookie is the cookie's name over plain http. Over https it is __Host-tandem_session, which a browser takes
// from this host alone, and only encrypted.
const sessionCookie = "tandem_session"

func (s *Server) secure(r *http.Request) bool { return s.https || s.cfg.Proxies.Secure(r) }

func (s *Server) cookieName(r *http.Request) string {
	if s.secure(r) {
		return "__Host-" + sessionCookie
	}
	return sessionCookie
}

// signInCookie is the cookie that carries a session token until it expires.
func (s *Server) signInCookie(r *http.Request, token string, until time.Time) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(r), Value: token, Path: "/", Expires: until,
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteLaxMode,
	}
}

// signOutCookie takes the cookie away.
func (s *Server) signOutCookie(r *http.Request) *http.Cookie {
	c := s.signInCookie(r, "", time.Time{})
	c.MaxAge = -1
	return c
}

// lentCookie is the cookie of staff who are in the portal as a contact, over plain http; over https it begins as the
// session's does. Their own session keeps its own.
const lentCookie = "tandem_portal"

func (s *Server) lentCookieName(r *http.Request) string {
	if s.secure(r) {
		return "__Host-" + lentCookie
	}
	return lentCookie
}

// enterCookie carries the token of who is in the portal as a contact until it expires.
func (s *Server) enterCookie(r *http.Request, token string, until time.Time) *http.Cookie {
	return &http.Cookie{
		Name: s.lentCookieName(r), Value: token, Path: "/", Expires: until,
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteStrictMode,
	}
}

// leaveCookie takes it away.
func (s *Server) leaveCookie(r *http.Request) *http.Cookie {
	c := s.enterCookie(r, "", time.Time{})
	c.MaxAge = -1
	return c
}
