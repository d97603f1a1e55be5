package rig

import (
	"fmt"
	"math/rand/v2"

	"tandem/internal/core/customer"
)

// place is where people live: their names, in their script, go with it.
type place struct {
	country, timezone, language, currency string
	dial                                  string // followed by nine digits, of which the first are fixed
	cities, streets, first, last          []string
	weight                                int
}

var places = []place{
	{"NO", "Europe/Oslo", "nb", "NOK", "+4722%06d", []string{"Oslo", "Bergen", "Trondheim", "Tromsø", "Ålesund"}, []string{"Storgata", "Kirkeveien", "Åsveien", "Bjørnstjerne Bjørnsons gate"},
		[]string{"Øyvind", "Ingrid", "Lars", "Åse", "Bjørn", "Kari", "Sølvi", "Håkon"}, []string{"Løvås", "Hansen", "Johansen", "Ødegård", "Berg", "Haugen", "Sæther"}, 22},
	{"DE", "Europe/Berlin", "de", "EUR", "+4930%07d", []string{"München", "Köln", "Berlin", "Düsseldorf", "Gießen"}, []string{"Hauptstraße", "Bahnhofstraße", "Gartenweg", "Lindenallee"},
		[]string{"Jürgen", "Anna", "Paula", "Günther", "Sören", "Heike"}, []string{"Strauß", "Müller", "Schmidt", "Weiß", "Groß", "Köhler", "Schäfer"}, 18},
	{"PT", "Europe/Lisbon", "pt", "EUR", "+35121%07d", []string{"Lisboa", "Porto", "Évora", "Setúbal"}, []string{"Rua da Prata", "Avenida da Liberdade", "Rua de São Bento"},
		[]string{"João", "Inês", "Conceição", "Vasco"}, []string{"Almeida", "Gonçalves", "Simões", "Araújo"}, 8},
	{"PL", "Europe/Warsaw", "pl", "PLN", "+4822%07d", []string{"Kraków", "Łódź", "Wrocław", "Gdańsk"}, []string{"Świętokrzyska", "Długa", "Aleje Jerozolimskie"},
		[]string{"Małgorzata", "Zbigniew", "Łukasz", "Agnieszka"}, []string{"Wójcik", "Kowalczyk", "Dąbrowski", "Żukowska"}, 10},
	{"RU", "Europe/Moscow", "ru", "EUR", "+7495%07d", []string{"Москва", "Казань", "Тверь"}, []string{"улица Ленина", "Тверская", "Садовая"},
		[]string{"Дмитрий", "Ольга", "Александр", "Наталья"}, []string{"Иванов", "Петрова", "Соколов", "Кузнецов"}, 8},
	{"GR", "Europe/Athens", "el", "EUR", "+3021%08d", []string{"Αθήνα", "Πάτρα", "Ηράκλειο"}, []string{"Ερμού", "Σταδίου"}, []string{"Γιώργος", "Ελένη", "Νίκος"}, []string{"Παπαδόπουλος", "Γεωργίου", "Νικολάου"}, 5},
	{"JP", "Asia/Tokyo", "ja", "JPY", "+813%08d", []string{"東京", "大阪", "札幌"}, []string{"銀座", "本町", "中央通り"}, []string{"太郎", "花子", "健"}, []string{"田中", "佐藤", "鈴木", "高橋"}, 6},
	{"CN", "Asia/Shanghai", "zh", "CNY", "+8610%08d", []string{"北京", "上海", "成都"}, []string{"长安街", "南京路"}, []string{"伟", "芳", "秀英"}, []string{"王", "李", "张", "刘"}, 5},
	{"EG", "Africa/Cairo", "ar", "EGP", "+202%08d", []string{"القاهرة", "الإسكندرية"}, []string{"شارع التحرير", "شارع الهرم"}, []string{"محمد", "فاطمة", "أحمد"}, []string{"حسن", "إبراهيم", "علي"}, 4},
	{"IN", "Asia/Kolkata", "hi", "INR", "+9111%08d", []string{"दिल्ली", "Mumbai", "Chennai"}, []string{"MG Road", "गांधी मार्ग"}, []string{"Priya", "राजेश", "Anil"}, []string{"Sharma", "वर्मा", "Patel"}, 6},
	{"GB", "Europe/London", "en", "GBP", "+4420%08d", []string{"London", "Leeds", "Bristol", "Aberystwyth"}, []string{"High Street", "Station Road", "Church Lane", "Quebec Mews"},
		[]string{"Grace", "Liam", "Zoe", "Xavier", "Beatrix"}, []string{"Smith", "O'Brien", "Fitzgerald", "Quixall", "Zhuang"}, 8},
}

var trades = []string{"Networks", "Telecom", "Logistics", "Bakery", "Consulting", "Media & Sons", "Fiber", "Voice", "Hotels", "IT-Systeme"}

// person draws the i-th customer. The same seed gives the same people.
func person(r *rand.Rand, i int, groups []int64) *customer.Draft {
	p := placeOf(r)
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	d := &customer.Draft{
		FirstName: pick(p.first), LastName: pick(p.last), City: pick(p.cities), Country: p.country, Timezone: p.timezone, Language: p.language, Currency: p.currency,
		Address1: fmt.Sprintf("%s %d", pick(p.streets), 1+r.IntN(300)), PostalCode: fmt.Sprint(10000 + r.IntN(80000)),
		Email: fmt.Sprintf("%s.%d@%s", mailbox(r), i, mailHosts[r.IntN(len(mailHosts))]), Reference: fmt.Sprintf("70%08d", i*7919%100_000_000),
		BillingType: customer.BillingPostpaid,
	}
	d.Telephone = fmt.Sprintf(p.dial, r.IntN(1_000_000))
	if r.IntN(3) == 0 {
		d.Company = fmt.Sprintf("%s %s %d", d.LastName, pick(trades), r.IntN(5000))
		d.TaxNumber = fmt.Sprintf("%s%09d", p.country, r.IntN(1_000_000_000))
	}
	if r.IntN(3) > 0 {
		d.BillingType = customer.BillingPrepaid
	}
	if r.IntN(10) == 0 {
		d.Description = fmt.Sprintf("Moved from the old system on %d.%d.2023, contract %d", 1+r.IntN(28), 1+r.IntN(12), r.IntN(1_000_000))
	}
	if r.IntN(4) == 0 {
		d.ExternalID = fmt.Sprintf("ext-%07d", r.IntN(10_000_000))
	}
	d.Status = statusOf(r)
	d.Custom = map[string]string{"segment": pick([]string{"home", "home", "home", "home", "office", "office", "wholesale"})}
	if r.IntN(2) == 0 {
		d.Custom["limit"] = fmt.Sprintf("%d.%02d", r.IntN(5000), r.IntN(100))
		d.Custom["since"] = fmt.Sprintf("20%02d-%02d-%02d", 10+r.IntN(15), 1+r.IntN(12), 1+r.IntN(28))
	}
	if r.IntN(5) == 0 {
		d.Custom["note"] = "Box " + fmt.Sprint(r.IntN(100_000)) + " " + pick(trades)
	}
	for g, id := range groups { // the first is large, the last is small
		if r.IntN(4<<(2*g)) == 0 {
			d.Groups = append(d.Groups, id)
		}
	}
	return d
}

var (
	mailHosts = []string{"example.org", "example.com", "mail.example.net", "post.example"}
	mailNames = []string{"info", "p", "anna", "office", "jo", "billing", "max", "lee", "kontakt", "zq"}
)

func mailbox(r *rand.Rand) string {
	return fmt.Sprintf("%s%d", mailNames[min(r.IntN(len(mailNames)), r.IntN(len(mailNames)))], r.IntN(1_000_000))
}

func placeOf(r *rand.Rand) *place {
	n := r.IntN(100)
	for i := range places {
		if n -= places[i].weight; n < 0 {
			return &places[i]
		}
	}
	return &places[0]
}

func statusOf(r *rand.Rand) customer.Status {
	switch n := r.IntN(1000); {
	case n < 880:
		return customer.StatusActive
	case n < 950:
		return customer.StatusInactive
	case n < 970:
		return customer.StatusPending
	case n < 972: // rare
		return customer.StatusPenalty
	default:
		return customer.StatusClosed
	}
}
