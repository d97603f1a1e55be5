// Roles of one's own and a place in the tree: who is kept to a reseller sees its customers and no trace of others.
import assert from "node:assert/strict";
import { journey } from "../lib/journey.mjs";
import { at, button, choose, dialog, fill, rows } from "../lib/ui.mjs";

const nora = {
  name: "Nora Night",
  email: "nora@example.net",
  password: "awake while others sleep",
};

journey("resellers", {}, (step, j) => {
  let reseller, foreign, link;

  step("an admin makes a role of the own", async () => {
    const { page } = j;
    const make = (body) =>
      j.api("POST", "/customers", { billing_type: "prepaid", ...body });
    reseller = await make({ kind: "reseller", company: "Fjord Partner" });
    await make({ company: "Below Partner", reseller: reseller.id });
    foreign = await make({ company: "Elsewhere Ltd" });
    await page.goto("/settings/roles");
    await page.getByRole("link", { name: "Make a role" }).click();
    await at(page, "/settings/roles/new");
    await fill(page, { Name: "Night desk" });
    for (const label of [
      "See customers, providers and resellers, and find them.",
      "Change customers, and their status.",
      "Read the audit log and histories.",
      "See groups.",
    ])
      await page.getByLabel(label).check();
    await button(page, "Make a role").click();
    await page.getByRole("heading", { name: "Night desk" }).waitFor();
  });

  step(
    "and gives it to a person who sees the customers of a reseller",
    async () => {
      const { page } = j;
      await page.goto("/settings/staff");
      await page
        .getByRole("main")
        .getByRole("button", { name: "Add staff user" })
        .click();
      await fill(dialog(page), { Name: nora.name, "E-mail": nora.email });
      await choose(dialog(page), "Roles", "Night desk");
      const made = await j.api("POST", "/staff", {
        name: nora.name,
        email: nora.email,
        roles: ["night_desk"],
        reseller: reseller.id,
      });
      assert.equal(made.reseller.name, "Fjord Partner");
      ({ url: link } = await j.api(
        "POST",
        `/staff/${made.id}/password-link`,
        {},
      ));
      await page.goto(`/settings/staff/${made.id}/why?permission=group.read`);
      await page.getByText("No, Nora Night may not.").waitFor();
      await page
        .getByText("they see the customers of Fjord Partner alone", {
          exact: false,
        })
        .waitFor();
    },
  );

  step("that person sees the subtree alone", async () => {
    const page = await j.person({ signIn: false });
    const address = new URL(link);
    await page.goto(address.pathname + address.search);
    await fill(page, {
      "New password": nora.password,
      "New password again": nora.password,
    });
    await button(page, "Set password").click();
    await page
      .getByRole("link", { name: "Sign in" })
      .or(button(page, "Sign in"))
      .first()
      .click();
    await at(page, "/sign-in");
    await fill(page, { "E-mail": nora.email, Password: nora.password });
    await button(page, "Sign in").click();
    await at(page, "/customers");
    await rows(page, 2);
    await page.getByText("Below Partner").first().waitFor();
    assert.equal(await page.getByText("Elsewhere Ltd").count(), 0);
    await page.goto(`/customers/${foreign.id}`);
    await page.getByRole("heading", { name: "Nothing is here" }).waitFor();
    await page.goto("/audit");
    await page.getByText("Below Partner").first().waitFor();
    assert.equal(await page.getByText("Elsewhere Ltd").count(), 0);
    assert.equal(await page.getByText("Role made").count(), 0);
    await j.close(page.context());
  });

  step("the reseller's own boss looks after its staff alone", async () => {
    await j.api("POST", "/roles", {
      name: "Partner boss",
      permissions: [
        "customer.read",
        "customer.update",
        "audit.read",
        "group.read",
        "staff.read",
        "staff.write",
        "role.read",
      ],
    });
    const boss = {
      name: "Bo Boss",
      email: "bo@example.net",
      password: "looks after his own",
    };
    await j.api("POST", "/staff", {
      ...boss,
      roles: ["partner_boss"],
      reseller: reseller.id,
    });
    const page = await j.person({ signIn: false });
    await page.goto("/sign-in");
    await fill(page, { "E-mail": boss.email, Password: boss.password });
    await button(page, "Sign in").click();
    await at(page, "/customers");
    await page.goto("/settings/staff");
    await rows(page, 2);
    await page.getByText(nora.name).first().waitFor();
    assert.equal(
      await page.getByRole("link", { name: "Sign-in", exact: true }).count(),
      0,
    );
    await page
      .getByRole("main")
      .getByRole("button", { name: "Add staff user" })
      .click();
    await fill(dialog(page), {
      Name: "Una Under",
      "E-mail": "una@example.net",
    });
    await choose(dialog(page), "Roles", "Night desk");
    await button(dialog(page), "Add staff user").click();
    await button(dialog(page), "Make password link").click();
    await dialog(page)
      .getByText("set-password")
      .or(dialog(page).locator("input, code"))
      .first()
      .waitFor();
    const all = await j.api("GET", "/staff?q=una@example.net");
    assert.equal(all.items[0].reseller.name, "Fjord Partner");
    await j.close(page.context());
  });
});
