package identity_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"tandem/internal/core/identity"
	"tandem/internal/kit/errs"
)

func TestPasswordsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := identity.New(identity.Options{Operator: func(context.Context) (string, error) { return "Nordlys Telekom", nil }})
	for password, want := range map[string]string{
		"short7!":                          "too_short",
		"password":                         "too_common",
		"PassWord":                         "too_common",
		"password1":                        "too_common",
		"Password2026!":                    "too_common",
		"P@ssw0rd":                         "too_common",
		"pa55w0rd":                         "too_common",
		"1loveyou!":                        "too_common",
		"ｐａｓｓｗｏｒｄ１":                        "too_common", // wide letters
		"qwertyuiop":                       "too_common",
		"iloveyou":                         "too_common",
		"Jessica2024":                      "too_common",
		"football1":                        "too_common",
		"trustno1":                         "too_common",
		"zaq12wsx":                         "too_common",
		"12345678":                         "too_common",
		"0000000000":                       "too_common",
		"abababababab":                     "too_common",
		"!!!!!!!!":                         "too_common",
		"ola.nordmann":                     "too_personal",
		"OlaNordmann1":                     "too_personal",
		"Nordmann2026":                     "too_personal",
		"ola.nordmann@kunde.example":       "too_personal",
		"Fjord-Fisk!":                      "too_personal",
		"fjordfisk2026":                    "too_personal",
		"nordlystelekom":                   "too_personal",
		"Nordlys Telekom 1":                "too_personal",
		"tandem2026":                       "too_personal",
		"Tandem!!!":                        "too_personal",
		"tandem-bikes on Sunday":           "",
		"Nordmann keeps herring":           "",
		"fish and fresh bread":             "",
		"correct horse staple":             "",
		"a long enough one":                "",
		"x7-plankton-9931":                 "",
		"839174625193":                     "",
		"jessica839174625193":              "",
		"пароль из трёх слов":              "",
		"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8": "bad_text",
	} {
		var wrong errs.Fields
		if err := s.CheckPassword(context.Background(), &wrong, "password", password, "ola.nordmann@kunde.example", "Ola Nordmann", "Fjord Fisk", ""); err != nil {
			t.Fatal(err)
		}
		got := ""
		if e, ok := errs.As(wrong.Err()); ok {
			got = e.Fields[0].Code
		}
		if got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

// Each line of the list is found: it is sorted as it is searched.
func TestEveryCommonPasswordIsFound(t *testing.T) {
	t.Parallel()
	s := identity.New(identity.Options{})
	tried := 0
	for _, word := range commonWords(t) {
		if len(word) < 8 {
			continue
		}
		var wrong errs.Fields
		if err := s.CheckPassword(context.Background(), &wrong, "password", word, "x@example.com"); err != nil || wrong.Err() == nil {
			t.Fatalf("%q is not refused: %v", word, err)
		}
		tried++
	}
	if tried < 10_000 {
		t.Errorf("there are %d only", tried)
	}
}

func commonWords(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("common.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}
