package geo

import (
	_ "embed" // the zone names
	"slices"
	"strings"
	"sync"
	_ "time/tzdata" // so that every name loads on every machine
)

//go:embed data/zones.tsv
var zonesTSV string

type zoneTable struct {
	list   []string          // the present names
	byName map[string]string // any spelling in small letters -> name to use
}

var zones = sync.OnceValue(func() zoneTable {
	t := zoneTable{byName: map[string]string{}}
	for _, f := range table(zonesTSV) {
		name := f[0]
		if len(f) == 1 {
			t.list = append(t.list, name)
		} else {
			name = f[1]
		}
		t.byName[strings.ToLower(f[0])] = name
	}
	return t
})

// Timezone gives the name to store for an IANA zone: the present one for an old one ("Asia/Calcutta" is "Asia/Kolkata"),
// rightly spelled. Letter case is ignored and a blank stands for an underscore. Every name it returns loads with
// time.LoadLocation.
func Timezone(input string) (name string, ok bool) {
	if len(input) > 100 {
		return "", false
	}
	name, ok = zones().byName[strings.ToLower(strings.ReplaceAll(strings.TrimSpace(input), " ", "_"))]
	return name, ok
}

// ListTimezones gives the present names, one or more for each country, and UTC. The slice is the caller's.
func ListTimezones() []string { return slices.Clone(zones().list) }
