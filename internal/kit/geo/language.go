package geo

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tandem/internal/kit/fold"
)

// LanguageInfo is a language.
type LanguageInfo struct {
	Code   string `json:"code"`   // BCP 47, the two letters of ISO 639-1
	Name   string `json:"name"`   // English
	Native string `json:"native"` // in itself, the English name where not known
}

// languageCodes are the living part of ISO 639-1 and what else it has.
const languageCodes = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el " +
	"en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it " +
	"iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt " +
	"my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl " +
	"sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo " +
	"za zh zu"

type languageTable struct {
	list   []LanguageInfo // by name
	byName map[string]string
}

var languages = sync.OnceValue(func() languageTable {
	t := languageTable{byName: map[string]string{}}
	english := display.English.Languages()
	for _, code := range strings.Fields(languageCodes) {
		tag := language.Make(code)
		l := LanguageInfo{Code: code, Name: english.Name(tag), Native: display.Self.Name(tag)}
		switch code { // the library takes these for another, but people choose them
		case "no":
			l.Name, l.Native = "Norwegian", "norsk"
		case "tw":
			l.Name, l.Native = "Twi", "Twi"
		}
		if l.Native == "" {
			l.Native = l.Name
		}
		t.list = append(t.list, l)
	}
	slices.SortFunc(t.list, func(a, b LanguageInfo) int { return strings.Compare(fold.Key(a.Name), fold.Key(b.Name)) })
	for _, name := range []func(LanguageInfo) string{
		func(l LanguageInfo) string { return l.Code },
		func(l LanguageInfo) string { return l.Name },
		func(l LanguageInfo) string { return l.Native },
	} {
		for _, l := range t.list {
			if k := key(name(l)); t.byName[k] == "" {
				t.byName[k] = l.Code
			}
		}
	}
	return t
})

// Language finds the language meant by a name in English or in itself, or by a BCP 47 tag, whose spelling it puts right:
// "norsk" is "no", "EN_gb" is "en-GB". The base must be one of ListLanguages.
func Language(input string) (code string, ok bool) {
	t := languages()
	input = strings.TrimSpace(input)
	if input == "" || len(input) > 100 {
		return "", false
	}
	if code := t.byName[key(input)]; code != "" {
		return code, true
	}
	tag, err := language.Raw.Parse(input)
	if err != nil {
		return "", false
	}
	spelled := tag.String()
	base, _, _ := strings.Cut(spelled, "-")
	if t.byName[base] != base {
		return "", false
	}
	return spelled, true
}

// ListLanguages gives all, by English name. The slice is the caller's.
func ListLanguages() []LanguageInfo { return slices.Clone(languages().list) }
