package notify

import (
	"embed"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/kit/errs"
)

//go:embed shipped
var shippedFiles embed.FS

// TemplatePrefix begins the IDs of templates at the API.
const TemplatePrefix = "emt"

// TemplateTable is the name under which changes of templates stand in the audit.
const TemplateTable = "email_templates"

// The messages that there are.
const (
	KeyStaffInvitation      = "staff_invitation"
	KeyStaffPasswordReset   = "staff_password_reset"
	KeyStaffPasswordChanged = "staff_password_changed"
	KeyCustomerMessage      = "customer_message"
	// Of contacts, who sign in to the portal.
	KeyContactInvitation      = "contact_invitation"
	KeyContactPassword        = "contact_password"
	KeyContactPasswordReset   = "contact_password_reset"
	KeyContactPasswordChanged = "contact_password_changed"
	// Of contacts who prove that an address is theirs.
	KeyVerifyEmail  = "verify_email"
	KeyVerifyMobile = "verify_mobile"
	// Of strangers who want an account.
	KeySignUp      = "sign_up"
	KeySignUpKnown = "sign_up_known"
	// Of whoever sets up the gateway of texts.
	KeyTextTest = "text_test"
	// Of everybody who signs in.
	KeySecondFactorRemoved = "second_factor_removed"
	// Of who made a webhook.
	KeyWebhookDisabled = "webhook_disabled"
)

// Variable is what a template may name as {{name}}.
type Variable struct {
	Name     string
	Sample   string // for previews
	Required bool   // the text has to hold it
	Secret   bool   // kept readable nowhere
}

// Kind is one message with what it may say.
type Kind struct {
	Key       string
	Variables []Variable
	Channel   Channel // empty: ChannelEmail
}

func (k Kind) channel() Channel {
	if k.Channel == "" {
		return ChannelEmail
	}
	return k.Channel
}

func (k Kind) secret() bool {
	return slices.ContainsFunc(k.Variables, func(v Variable) bool { return v.Secret })
}

func (k Kind) sample() map[string]string {
	out := map[string]string{}
	for _, v := range k.Variables {
		out[v.Name] = v.Sample
	}
	return out
}

// Kinds is every message there is.
func Kinds() []Kind {
	name := Variable{Name: "name", Sample: "Ada <Lovelace>"}
	organization := Variable{Name: "organization", Sample: "Fjord & Sons"}
	link := Variable{Name: "link", Sample: "https://crm.example.net/set-password?token=sample", Required: true, Secret: true}
	expires := Variable{Name: "expires", Sample: "2026-12-24 18:00 UTC"}
	code := Variable{Name: "code", Sample: "123456", Required: true, Secret: true}
	return []Kind{
		{Key: KeyStaffInvitation, Variables: []Variable{name, organization, link, expires}},
		{Key: KeyStaffPasswordReset, Variables: []Variable{name, organization, link, expires}},
		{Key: KeyStaffPasswordChanged, Variables: []Variable{name, organization, {Name: "time", Sample: "2026-12-24 18:00 UTC"}}},
		{Key: KeyCustomerMessage, Variables: []Variable{name, organization, {Name: "subject", Sample: "Your new line"}, {Name: "message", Sample: "We come on Monday.\nPlease be at home.", Required: true}}},
		{Key: KeyContactInvitation, Variables: []Variable{name, organization, link, expires}},
		{Key: KeyContactPassword, Variables: []Variable{name, organization, {Name: "password", Sample: "abcd-efgh-jkmn-pqrs", Required: true, Secret: true},
			{Name: "page", Sample: "https://crm.example.net/sign-in"}, expires}},
		{Key: KeyContactPasswordReset, Variables: []Variable{name, organization, link, expires}},
		{Key: KeyContactPasswordChanged, Variables: []Variable{name, organization, {Name: "time", Sample: "2026-12-24 18:00 UTC"}}},
		{Key: KeySecondFactorRemoved, Variables: []Variable{name, organization, {Name: "time", Sample: "2026-12-24 18:00 UTC"}}},
		{Key: KeyWebhookDisabled, Variables: []Variable{name, organization, {Name: "webhook", Sample: "Accounting"}, {Name: "url", Sample: "https://crm.example.net/tandem"},
			{Name: "page", Sample: "https://crm.example.net/settings/webhooks/whk_0am1tgb4t7800"}}},
		{Key: KeySignUp, Variables: []Variable{name, organization, {Name: "link", Sample: "https://crm.example.net/portal/sign-up/confirm#token=sample", Required: true, Secret: true}, expires}},
		{Key: KeySignUpKnown, Variables: []Variable{organization, {Name: "link", Sample: "https://crm.example.net/portal/sign-in"}}},
		{Key: KeyVerifyEmail, Variables: []Variable{name, organization, code, {Name: "link", Sample: "https://crm.example.net/portal/profile#verify=email&code=123456", Secret: true}, expires}},
		{Key: KeyVerifyMobile, Variables: []Variable{name, organization, code, expires}, Channel: ChannelSMS},
		{Key: KeyTextTest, Variables: []Variable{organization}, Channel: ChannelSMS},
	}
}

func kindOf(key string) (Kind, bool) {
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Key == key })
	if i < 0 {
		return Kind{}, false
	}
	return all[i], true
}

// Languages is the languages that templates are in. The first stands in for those that there are no templates in.
func Languages() []string { return []string{"en", "es", "fr"} }

// language is the closest there is: es for es-MX.
func language(code string) string {
	code, _, _ = strings.Cut(strings.ToLower(code), "-")
	if slices.Contains(Languages(), code) {
		return code
	}
	return Languages()[0]
}

// Content is what a template says.
type Content struct {
	Subject string
	Text    string
	HTML    string // empty: plain text alone
}

// shipped is a message as it ships with Tandem.
func shipped(key, language string) (Content, error) {
	raw, err := shippedFiles.ReadFile("shipped/" + key + "." + language + ".txt")
	if err != nil {
		return Content{}, fmt.Errorf("read the shipped template: %w", err)
	}
	parts := strings.SplitN(string(raw), "\n---\n", 3)
	if len(parts) != 3 {
		return Content{}, fmt.Errorf("the shipped template %s.%s is not made of three parts", key, language)
	}
	c := Content{Subject: parts[0], Text: strings.TrimSpace(parts[1]) + "\n", HTML: strings.TrimSpace(parts[2]) + "\n"}
	if k, _ := kindOf(key); k.channel() == ChannelSMS {
		c = Content{Text: strings.TrimSpace(parts[1])}
	}
	return c, nil
}

var placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// Validate tells everything that is wrong with a template of this kind.
func (c *Content) Validate(k Kind) *errs.Fields {
	var wrong errs.Fields
	c.Text, c.HTML = lines(c.Text), lines(c.HTML)
	if k.channel() == ChannelSMS {
		c.checkText(&wrong)
	} else {
		checkSubject(&wrong, c.Subject)
		checkBody(&wrong, "text", c.Text, true)
		checkBody(&wrong, "html", c.HTML, false)
	}
	for _, part := range []struct {
		field, text string
		whole       bool
	}{{"subject", c.Subject, false}, {"text", c.Text, true}, {"html", c.HTML, c.HTML != ""}} {
		if wrong.Has(part.field) {
			continue
		}
		checkVariables(&wrong, k, part.field, part.text, part.whole)
	}
	return &wrong
}

// checkText notes what a text to a telephone cannot be.
func (c *Content) checkText(wrong *errs.Fields) {
	checkBody(wrong, "text", c.Text, true)
	if !wrong.Has("text") && utf8.RuneCountInString(c.Text) > maxText {
		wrong.Add("text", "too_long", "A text has at most %d characters.", maxText)
	}
	if c.Subject != "" {
		wrong.Add("subject", "not_of_text", "A text to a telephone has no subject.")
	}
	if c.HTML != "" {
		wrong.Add("html", "not_of_text", "A text to a telephone has no layout.")
	}
}

func checkVariables(wrong *errs.Fields, k Kind, field, text string, whole bool) {
	used := map[string]bool{}
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		name := strings.TrimSpace(match[1])
		used[name] = true
		i := slices.IndexFunc(k.Variables, func(v Variable) bool { return v.Name == name })
		if i < 0 {
			wrong.Add(field, "unknown_variable", "There is no variable {{%s}} here.", name)
			return
		}
		if k.Variables[i].Secret && field == "subject" {
			wrong.Add(field, "secret_variable", "{{%s}} is a secret and cannot stand in the subject.", name)
			return
		}
	}
	for _, v := range k.Variables {
		if whole && v.Required && !used[v.Name] {
			wrong.Add(field, "missing_variable", "The text has to hold {{%s}}.", v.Name)
			return
		}
	}
}

func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// render fills the variables in. Values are escaped in HTML, where line breaks become <br>.
func (c Content) render(vars map[string]string) Content {
	plain := func(v string) string { return v }
	subject := c.Subject
	if subject == "" { // a text is listed by what it says
		subject = c.Text
	}
	return Content{
		Subject: oneLine(fillIn(subject, vars, plain)),
		Text:    fillIn(c.Text, vars, plain),
		HTML:    fillIn(c.HTML, vars, func(v string) string { return strings.ReplaceAll(html.EscapeString(v), "\n", "<br>") }),
	}
}

// oneLine is a text as it may stand in a header, whatever was filled in.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unfit(r) || unicode.IsSpace(r) }), " ")
	for len(text) > maxSubject {
		_, last := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-last]
	}
	if text == "" {
		return "-"
	}
	return text
}

func fillIn(text string, vars map[string]string, shape func(string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		return shape(vars[strings.TrimSpace(strings.Trim(match, "{}"))])
	})
}

// mark is what stands in place of a secret in what is kept.
const mark = "•••"

// marked is the variables with marks in place of the secrets.
func (k Kind) marked(vars map[string]string) map[string]string {
	out := maps.Clone(vars)
	for _, v := range k.Variables {
		if v.Secret {
			out[v.Name] = mark
		}
	}
	return out
}

// paragraphs is a plain text as HTML.
func paragraphs(text string) string {
	var b strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(lines(text)), "\n\n") {
		b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(strings.TrimSpace(block)), "\n", "<br>") + "</p>\n")
	}
	return b.String()
}
