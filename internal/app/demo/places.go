package demo

// place is a country as the demo needs it. Telephone numbers are made of the area and other digits, digits in all.
type place struct {
	country, language, timezone, currency string
	calling                               string
	digits                                int
	firsts, lasts, streets                []string
	cities                                []city
	legal                                 []string // what a firm's name ends in
	weight                                int
}

type city struct{ name, province, area, postal string }

var places = []place{
	{country: "NO", language: "nb", timezone: "Europe/Oslo", currency: "NOK", calling: "+47", digits: 8, weight: 26,
		firsts:  []string{"Ingrid", "Øyvind", "Kari", "Sindre", "Astrid", "Håkon", "Solveig", "Magnus", "Liv", "Eirik", "Nora", "Bjørn"},
		lasts:   []string{"Løvås", "Hansen", "Nygård", "Bakken", "Solberg", "Strand", "Haugen", "Fjeld", "Myhre", "Lien", "Øverland"},
		streets: []string{"Storgata", "Kirkeveien", "Parkveien", "Skolegata", "Havnegata"}, legal: []string{"AS", "ASA"},
		cities: []city{{"Oslo", "Oslo", "22", "0184"}, {"Bergen", "Vestland", "55", "5014"}, {"Trondheim", "Trøndelag", "73", "7011"}, {"Stavanger", "Rogaland", "51", "4006"}}},
	{country: "DE", language: "de", timezone: "Europe/Berlin", currency: "EUR", calling: "+49", digits: 10, weight: 18,
		firsts:  []string{"Jürgen", "Anke", "Matthias", "Heike", "Lukas", "Sabine", "Björn", "Käthe", "Felix", "Greta"},
		lasts:   []string{"Müller", "Strauß", "Schröder", "Vogel", "Köhler", "Brandt", "Weiß", "Lindner", "Kaufmann"},
		streets: []string{"Hauptstraße", "Gartenweg", "Lindenallee", "Bahnhofstraße", "Am Markt"}, legal: []string{"GmbH", "AG", "KG"},
		cities: []city{{"Berlin", "Berlin", "30", "10115"}, {"München", "Bayern", "89", "80331"}, {"Hamburg", "Hamburg", "40", "20095"}, {"Köln", "Nordrhein-Westfalen", "221", "50667"}}},
	{country: "ES", language: "es", timezone: "Europe/Madrid", currency: "EUR", calling: "+34", digits: 9, weight: 14,
		firsts:  []string{"Lucía", "Íñigo", "Carmen", "Álvaro", "Nuria", "Andrés", "Begoña", "Joaquín", "Sofía", "Rubén"},
		lasts:   []string{"Núñez", "Fernández", "Ibáñez", "Castaño", "Peña", "Gutiérrez", "Serrano", "Ximénez", "Vega"},
		streets: []string{"Calle Mayor", "Avenida de la Paz", "Plaza Nueva", "Calle del Sol", "Paseo del Río"}, legal: []string{"S.L.", "S.A."},
		cities: []city{{"Madrid", "Madrid", "91", "28013"}, {"Barcelona", "Cataluña", "93", "08002"}, {"Sevilla", "Andalucía", "95", "41001"}, {"Bilbao", "País Vasco", "94", "48001"}}},
	{country: "PT", language: "pt", timezone: "Europe/Lisbon", currency: "EUR", calling: "+351", digits: 9, weight: 8,
		firsts:  []string{"Inês", "João", "Beatriz", "Tomás", "Catarina", "Rui", "Leonor", "Duarte"},
		lasts:   []string{"Almeida", "Gonçalves", "Magalhães", "Simões", "Pinto", "Brandão", "Ferrão"},
		streets: []string{"Rua Nova", "Avenida da Liberdade", "Rua do Ouro", "Travessa do Mar"}, legal: []string{"Lda.", "S.A."},
		cities: []city{{"Lisboa", "Lisboa", "21", "1100-048"}, {"Porto", "Porto", "22", "4000-069"}, {"Coimbra", "Coimbra", "23", "3000-213"}}},
	{country: "PL", language: "pl", timezone: "Europe/Warsaw", currency: "PLN", calling: "+48", digits: 9, weight: 9,
		firsts:  []string{"Małgorzata", "Paweł", "Zofia", "Łukasz", "Agnieszka", "Wojciech", "Hanna", "Michał"},
		lasts:   []string{"Wójcik", "Kowalski", "Zieliński", "Dąbrowska", "Król", "Wiśniewska", "Nowak"},
		streets: []string{"ul. Długa", "ul. Szkolna", "ul. Polna", "al. Jerozolimskie"}, legal: []string{"sp. z o.o.", "S.A."},
		cities: []city{{"Warszawa", "mazowieckie", "22", "00-001"}, {"Kraków", "małopolskie", "12", "31-042"}, {"Gdańsk", "pomorskie", "58", "80-830"}}},
	{country: "GB", language: "en", timezone: "Europe/London", currency: "GBP", calling: "+44", digits: 10, weight: 10,
		firsts:  []string{"Grace", "Liam", "Siobhán", "Harriet", "Owen", "Imogen", "Callum", "Priya"},
		lasts:   []string{"O'Neill", "Whitfield", "Ashworth", "Patel", "MacLeod", "Hughes", "Thornton"},
		streets: []string{"High Street", "Station Road", "Mill Lane", "Church Road"}, legal: []string{"Ltd", "plc"},
		cities: []city{{"London", "Greater London", "207", "SE1 7PB"}, {"Manchester", "Greater Manchester", "161", "M1 1AE"}, {"Leeds", "West Yorkshire", "113", "LS1 4DY"}}},
	{country: "BR", language: "pt", timezone: "America/Sao_Paulo", currency: "BRL", calling: "+55", digits: 10, weight: 7,
		firsts: []string{"Thiago", "Júlia", "Mateus", "Letícia", "Caio", "Antônia"}, lasts: []string{"Souza", "Araújo", "Conceição", "Moraes", "Queiroz"},
		streets: []string{"Rua das Flores", "Avenida Paulista", "Rua XV de Novembro"}, legal: []string{"Ltda.", "S.A."},
		cities: []city{{"São Paulo", "SP", "113", "01310-100"}, {"Recife", "PE", "813", "50030-230"}}},
	{country: "TR", language: "tr", timezone: "Europe/Istanbul", currency: "TRY", calling: "+90", digits: 10, weight: 4,
		firsts: []string{"Yusuf", "Elif", "Çağla", "Emre", "Ayşe"}, lasts: []string{"Yılmaz", "Ünal", "Şahin", "Doğan"},
		streets: []string{"Atatürk Caddesi", "İstiklal Caddesi"}, legal: []string{"A.Ş.", "Ltd. Şti."},
		cities: []city{{"İstanbul", "İstanbul", "212", "34110"}, {"Ankara", "Ankara", "312", "06420"}}},
	{country: "JP", language: "ja", timezone: "Asia/Tokyo", currency: "JPY", calling: "+81", digits: 9, weight: 4,
		firsts: []string{"Haruka", "Kenji", "Yui", "Daichi"}, lasts: []string{"Tanaka", "Satō", "Ōno", "Yamamoto"},
		streets: []string{"Chūō-dōri", "Sakura-dōri"}, legal: []string{"K.K."}, cities: []city{{"Tōkyō", "Tōkyō", "3", "100-0005"}}},
}

var (
	trades  = []string{"Telecom", "Networks", "Foods", "Hotels", "Motors", "Logistics", "Media", "Studio", "Clinic", "Bakery", "Architects", "Marine", "Energy", "Travel", "Textiles", "Optics"}
	carrier = []string{"Northline Carrier", "Blue Atlantic Voice", "Meridian Interconnect", "Polar Transit", "Iberwave Wholesale", "Vistula Connect", "Bosphorus Gate", "Pacific Relay", "Albion Termination", "Rhine Exchange", "Fjord Backbone", "Southern Cross Voice"}
	dealers = []string{"Havn Telecom", "Sol y Voz", "Stadtnetz Partner", "Porto Digital", "Baltic Voice", "Highland Comms", "Paulista Telefonia", "Bergen Bedriftstelefoni", "Rheinland Service", "Anatolia Net"}
	notes   = []string{"Prefers e-mail.", "Key account, call before changes.", "Two sites, one invoice.", "Came from the trade fair.", "Asked about number porting.", "Uses our TV package in the lobby.", "Seasonal: closed in January.", ""}
)
