package fold_test

import (
	"testing"

	"pgregory.net/rapid"

	"tandem/internal/kit/fold"
)

func TestKey(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                         "",
		"Øyvind  Løvås":            "oyvind lovas",
		" Müller & Söhne ":         "muller & sohne",
		"STRAUẞ":                   "strauss",
		"plain text 12":            "plain text 12",
		"a\x00b\tc":                "ab c",
		"Łukasz":                   "lukasz",
		"İstanbul ılık":            "istanbul ilik",
		"Александр":                "александр",
		"trailing ":                "trailing",
		"two  spaces":              "two spaces",
		"ﬁne (ligature), x\u00a0y": "fine (ligature), x y",
	} {
		if got := fold.Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestKeyTwiceIsKeyOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := fold.Key(rapid.String().Draw(t, "s"))
		if twice := fold.Key(once); twice != once {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}
