package importer_test

import (
	"maps"
	"testing"

	"tandem/internal/core/importer"
	"tandem/internal/kit/db/dbtest"
)

// Files are recognised by their columns, and columns by what they are usually called in three languages.
func TestColumnsAreGuessed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	for name, f := range map[string]struct {
		content, preset string
		fields          map[int]string
	}{
		"newfies with a header": {"contact,last_name,first_name,email,description,status,address,city,state,country,unit_number,additional_vars\n+4722995494,Haugen,Ingrid,i@example.org,,1,Storgata 1,Oslo,,NO,4,{}\n", "newfies",
			map[int]string{0: "telephone", 1: "last_name", 2: "first_name", 3: "email", 4: "description", 5: "status", 6: "address_1", 7: "city", 8: "province", 9: "country", 10: "address_2"}},
		"newfies without one": {"+4722995494|Haugen|Ingrid|i@example.org||1|Storgata 1|Oslo||NO|4|{}|\n+34912723853|Quispe|Mateo|m@example.org||1|Calle 1|Madrid||ES||{}|\n", "newfies",
			map[int]string{0: "telephone", 1: "last_name", 2: "first_name", 3: "email", 4: "description", 5: "status", 6: "address_1", 7: "city", 8: "province", 9: "country", 10: "address_2"}},
		"connexcs": {"Name,Channels,Flow Speed,Status,Debit Limit,Currency,Credit\nACME,10,2,Active,25,USD,3.20\n", "connexcs",
			map[int]string{0: "name", 1: "max_channels", 2: "max_cps", 3: "status", 4: "debit_limit", 5: "currency", 6: "balance"}},
		"spanish": {"Nombre;Apellidos;Correo electrónico;Teléfono;Móvil;Dirección;Ciudad;Código postal;País;Contraseña;NIF\nAna;Gil;a@example.org;;;;Madrid;28013;España;x;1\n", "",
			map[int]string{0: "first_name", 1: "last_name", 2: "email", 3: "telephone", 4: "telephone", 5: "address_1", 6: "city", 7: "postal_code", 8: "country", 10: "tax_number"}},
		"german": {"Kundennummer;Firma;Vorname;Nachname;E-Mail-Adresse;Telefon;Straße;PLZ;Ort;Land;Passwort;Bemerkung\n1;A;B;C;a@example.org;;;80331;München;Deutschland;x;y\n", "",
			map[int]string{0: "reference", 1: "company", 2: "first_name", 3: "last_name", 4: "email", 5: "telephone", 6: "address_1", 7: "postal_code", 8: "city", 9: "country", 11: "description"}},
		"by its values": {"Who,Reach,Call\nAnn,ann@example.org,+4722995494\nBob,bob@example.org,+34912723853\n", "", map[int]string{1: "email", 2: "telephone"}},
	} {
		m := h.upload(t, "g.csv", []byte(f.content))
		got := map[int]string{}
		for _, g := range m.Mapping {
			got[g.Column] = g.Field
		}
		if m.Preset != f.preset || !maps.Equal(got, f.fields) {
			t.Errorf("%s: taken for %q\n got %v\nwant %v", name, m.Preset, got, f.fields)
		}
		for _, c := range m.Columns {
			if c.Suggested.Reason == importer.WhySecret && len(c.Sample) > 0 {
				t.Errorf("%s: a secret is shown: %q", name, c.Sample)
			}
		}
	}
}
