package smtp

import "crypto/tls"

// tlsConfig trusts the given roots alone.
func tlsConfig(c Config) *tls.Config {
	return &tls.Config{ServerName: c.Host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
}
