// Package brand keeps how the operator and each reseller look to their customers: name, colour, logo, address, and where
// to find help.
//
// Owns: brands, brand_logos. Does not own: who stands above whom (customer), the pages (edge/rest and the console), mails
// (notify), sign-in (session, which asks Doors who may come in at an address).
//
// Invariants:
//   - There is always a brand: the operator's, with its name from the settings and Tandem's colour until somebody decides.
//     A reseller has at most one. What it leaves out is that of the nearest reseller above that has it, then the operator's.
//   - A domain is one brand's, and never the address at which the operator's staff sign in. It opens the portal alone, for
//     contacts below that reseller; everybody else is answered as by a wrong password.
//   - Addresses in mails are made of domains that are kept here, never of what a request says.
//   - A logo is PNG, JPEG or WebP: it was decoded whole before it was kept, and is served as what it was decoded as.
//   - Text on the colour, and the colour as text, can be read: WCAG AA. Where the colour itself is not fit, a darker or
//     lighter shade of it is shown.
//   - The brand of a reseller who is closed counts for nobody.
package brand
