package importer

import (
	"strings"
	"unicode"

	"tandem/internal/kit/fold"
)

// PresetTandem is a file that Tandem wrote itself.
const PresetTandem = "tandem"

// Preset is another system whose column names are known.
type Preset struct {
	Key     string
	Name    string
	Target  string
	Columns map[string]string // field by name of the column, as that system writes it; "" = left out

	must       []string // normalised names without which it is not this system's file
	positional []string // fields by position, for files without a header
}

// keptFields are values that are checked and kept with the import until the wing that applies them exists.
var keptFields = map[string]keptKind{
	"balance": keptMoney, "debit_limit": keptMoney, "max_channels": keptInteger, "max_cps": keptInteger,
	"sip_username": keptText, "tv_username": keptText,
}

// keptLabels is what people call them.
var keptLabels = map[string]string{
	"balance": "Balance", "debit_limit": "Debit limit", "max_channels": "Channels", "max_cps": "Calls per second",
	"sip_username": "SIP username", "tv_username": "TV username",
}

type keptKind int

const (
	keptMoney keptKind = iota
	keptInteger
	keptText
)

// ifBlank marks, in the tables below, a column that is taken only where the field is still blank.
const ifBlank = "?"

// Presets is every system whose files are recognised.
func Presets() []Preset { return presets }

var presets = []Preset{
	{Key: "astpp", Name: "ASTPP", Target: TargetCustomers, must: []string{"account", "firstname"}, Columns: map[string]string{
		"Account": "reference", "Password": "", "First Name": "first_name", "Last Name": "last_name", "Company": "company", "Phone": "telephone",
		"Mobile": "telephone" + ifBlank, "Email": "email", "Address": "address_1", "City": "city", "Province/State": "province",
		"Zip/Postal Code": "postal_code", "Balance": "balance", "Credit Limit": "debit_limit", "SIP Username": "sip_username", "SIP Password": "",
		"Concurrent Calls": "max_channels", "CPS": "max_cps", "CC": "max_channels", "Reseller": "reseller", "Status": "status",
		"Rate Group": "", "First Used": "", "Expiry Date": "", "Localization": "", "Created Date": "",
	}},
	{Key: "magoware", Name: "MAGOWARE", Target: TargetCustomers, must: []string{"firstname", "lastname", "telephone"}, Columns: map[string]string{
		"id": "external_id", "firstname": "first_name", "lastname": "last_name", "email": "email", "address": "address_1", "city": "city",
		"country": "country", "zip_code": "postal_code", "telephone": "telephone", "username": "tv_username", "group": "groups", "password": "", "pin": "",
	}},
	{Key: "newfies", Name: "Newfies-Dialer", Target: TargetCustomers, must: []string{"contact", "lastname"}, Columns: map[string]string{
		"contact": "telephone", "last_name": "last_name", "first_name": "first_name", "email": "email", "description": "description", "status": "status",
		"address": "address_1", "city": "city", "state": "province", "country": "country", "unit_number": "address_2", "additional_vars": "", "phonebook": "groups",
	}, positional: []string{"telephone", "last_name", "first_name", "email", "description", "status", "address_1", "city", "province", "country", "address_2", ""}},
	{Key: "connexcs", Name: "ConnexCS", Target: TargetCustomers, must: []string{"name", "currency", "channels"}, Columns: map[string]string{
		"Name": "name", "Channels": "max_channels", "Flow Speed": "max_cps", "CPS": "max_cps", "Status": "status", "Debit Limit": "debit_limit", "Credit": "balance",
		"Currency": "currency", "Country": "country", "Reseller": "reseller", "Tags": "groups", "Tax": "", "ID": "external_id", "External Accounting ID": "reference",
		"Email": "email", "Phone": "telephone", "Mobile": "telephone" + ifBlank, "Website": "",
	}},
	{Key: "paragon", Name: "Paragon", Target: TargetCustomers, must: []string{"name", "customerid", "referencenumber"}, Columns: map[string]string{
		"Name": "name", "Customer ID": "external_id", "Reference Number": "reference", "Description": "description", "Service Instances": "",
	}},
	{Key: PresetTandem, Name: "Tandem", Target: TargetCustomers, Columns: map[string]string{}},
}

// findPreset gives a preset by its key.
func findPreset(key string) (Preset, bool) {
	for _, p := range presets {
		if p.Key == key {
			return p, true
		}
	}
	return Preset{}, false
}

// names are the columns by their normalised names.
func (p *Preset) names() map[string]string {
	out := make(map[string]string, len(p.Columns))
	for name, field := range p.Columns {
		out[normal(name)] = field
	}
	return out
}

// synonyms is what columns are called elsewhere, in English, Spanish, French and German, by normalised name.
var synonyms = func() map[string]string {
	out := map[string]string{}
	for field, names := range map[string]string{
		"reference": "reference, reference no, ref, account, account no, account number, account id, account code, customer no, customer number, client number, debtor number, " +
			"referencia, número de cliente, número de cuenta, cuenta, código de cliente, nº de cliente, n.º de cliente, nº cliente, nº de cuenta, kundennummer, kunden-nr, kundennr, kd-nr, konto, kontonummer, debitorennummer, referenz, " +
			"référence, numéro de client, numéro client, n° client, n° de client, code client, numéro de compte, n° de compte",
		"external_id": "external id, id, uuid, guid, contact id, record id, crm id, system id, identificador, id externo, externe id, datensatz-id, identifiant, id externe",
		"name": "name, full name, display name, customer, customer name, client, client name, contact name, account name, party name, nombre completo, cliente, nombre del cliente, " +
			"kunde, kundenname, vollständiger name, anzeigename, nom complet, nom du client, nom d'usage",
		"first_name":   "first name, first, given name, forename, fname, nombre, nombre de pila, vorname, prénom",
		"last_name":    "last name, last, surname, family name, lname, apellido, apellidos, nachname, familienname, zuname, nom, nom de famille",
		"company":      "company, company name, organization, organisation, organization name, business, business name, firm, empresa, razón social, compañía, organización, firma, firmenname, unternehmen, société, entreprise, raison sociale, organisme",
		"email":        "email, e-mail, email address, e-mail address, mail, primary email, email 1, correo, correo electrónico, email de contacto, e-mail-adresse, mailadresse, emailadresse, courriel, adresse électronique, adresse e-mail, adresse mail, mél",
		"telephone":    "telephone, phone, phone number, telephone number, tel, primary phone, phone 1, business phone, work phone, main phone, contact number, msisdn, teléfono, número de teléfono, telefon, telefonnummer, rufnummer, festnetz, téléphone, tél, numéro de téléphone, téléphone fixe, n° de téléphone",
		"telephone?":   "mobile, mobile phone, mobile number, cell, cell phone, cellphone, home phone, phone 2, móvil, celular, mobil, mobiltelefon, handy, handynummer, portable, téléphone portable, téléphone mobile",
		"address_1":    "address, address 1, address line 1, street, street address, street 1, mailing street, billing street, dirección, domicilio, calle, adresse, anschrift, straße, strasse, adresszeile 1, rue, adresse 1, voie, adresse postale",
		"address_2":    "address 2, address line 2, street 2, suite, unit, apartment, dirección 2, adresszusatz, adresszeile 2, adresse 2, complément, complément d'adresse",
		"city":         "city, town, locality, mailing city, billing city, ciudad, población, localidad, municipio, stadt, ort, wohnort, ville, commune, localité",
		"province":     "province, state, province/state, state/province, region, county, mailing state, billing state, provincia, estado, comunidad, región, bundesland, kanton, land/region, département, canton, région",
		"postal_code":  "postal code, zip, zip code, zip/postal code, postcode, post code, mailing zip, billing zip, código postal, cp, plz, postleitzahl, code postal",
		"country":      "country, country code, country name, nation, mailing country, billing country, país, land, staat, pays",
		"timezone":     "timezone, time zone, zona horaria, zeitzone, fuseau horaire",
		"language":     "language, locale, lang, idioma, lengua, sprache, langue",
		"currency":     "currency, currency code, moneda, divisa, währung, devise, monnaie",
		"tax_number":   "tax number, tax id, vat, vat number, vat id, tin, ein, nif, cif, rfc, rut, nit, número fiscal, ust-id, ustid, umsatzsteuer-id, steuernummer, uid, n° tva, numéro de tva, tva intracommunautaire, siret, siren",
		"description":  "description, notes, note, comment, comments, remarks, remark, descripción, notas, observaciones, comentario, comentarios, beschreibung, notiz, notizen, bemerkung, bemerkungen, kommentar, remarque, remarques, commentaire, commentaires, observation",
		"groups":       "group, groups, customer group, tags, tag, segment, category, grupo, grupos, etiquetas, categoría, gruppe, gruppen, kundengruppe, kategorie, groupe, groupes, étiquettes, catégorie",
		"status":       "status, account status, active, is active, enabled, is enabled, account active, activo, aktiv, estado de cuenta, estatus, estado del cliente, statut, état, actif",
		"billing_type": "billing type, account type, payment type, tipo de facturación, tipo de cuenta, abrechnungsart, type de facturation, mode de facturation",
		"kind":         "kind, customer type, tipo, kundenart, type de client",
		"reseller":     "reseller, parent, parent account, revendedor, wiederverkäufer, händler, revendeur",
		"balance":      "balance, account balance, credit balance, opening balance, saldo, guthaben, kontostand, solde",
		"debit_limit":  "credit limit, debit limit, overdraft, límite de crédito, kreditlimit, kreditrahmen, plafond, limite de crédit, découvert autorisé",
		"max_channels": "concurrent calls, channels, max channels, simultaneous calls, canales, llamadas simultáneas, kanäle, gleichzeitige anrufe, canaux, appels simultanés",
		"max_cps":      "cps, calls per second, flow speed, max cps",
		"sip_username": "sip username, sip user, sip login, usuario sip, sip-benutzer",
		"tv_username":  "tv username, iptv username, tv login",
	} {
		for _, name := range strings.Split(names, ",") {
			out[normal(name)] = field
		}
	}
	return out
}()

// secretNames are columns that hold secrets, by normalised name; secretEnds are endings of such names.
var (
	secretNames = map[string]bool{"pin": true, "sippin": true, "voicemailpin": true, "otp": true, "cvv": true, "cvc": true, "cardnumber": true, "creditcard": true,
		"creditcardnumber": true, "clave": true, "token": true, "apikey": true, "authkey": true, "privatekey": true}
	secretParts = []string{"password", "passwd", "passphrase", "passcode", "secret", "contrasena", "motdepasse", "kennwort", "passwort", "apitoken", "accesstoken"}
)

// isSecret tells whether a column of that name holds secrets.
func isSecret(name string) bool {
	n := normal(name)
	if secretNames[n] || n == "pwd" || n == "pw" || strings.HasSuffix(n, "pwd") {
		return true
	}
	for _, part := range secretParts {
		if strings.Contains(n, part) {
			return true
		}
	}
	return false
}

// normal is a column's name without case, accents and everything but letters and digits.
func normal(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, fold.Key(name))
}
