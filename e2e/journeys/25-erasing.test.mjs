// Personal data goes for good: a closed customer with its contact is erased, and its history says so.
import assert from "node:assert/strict";
import { journey } from "../lib/journey.mjs";
import { button, dialog, fill } from "../lib/ui.mjs";

journey("erasing", {}, (step, j) => {
  let customer;
  let contact;

  step("a customer with a contact is closed", async () => {
    customer = await j.api("POST", "/customers", {
      billing_type: "prepaid",
      company: "Vanishing Ltd",
      email: "hello@vanishing.example",
      city: "Trondheim",
    });
    contact = await j.api("POST", `/customers/${customer.id}/contacts`, {
      name: "Vera Vanish",
      email: "vera@vanishing.example",
    });
    await j.api("DELETE", `/customers/${customer.id}`);
  });

  step("what goes is counted, and what is meant has to be typed", async () => {
    const { page } = j;
    await page.goto(`/customers/${customer.id}`);
    await button(page, "More").click();
    await page.getByRole("menuitem", { name: "Erase personal data" }).click();
    await dialog(page).getByText("Audit entries:").waitFor();
    const erase = dialog(page).getByRole("button", { name: "Erase" });
    assert.ok(await erase.isDisabled());
    await fill(dialog(page), {
      [`Type ${customer.customer_id} to show that you mean it`]:
        customer.customer_id,
      Why: "Asked by letter",
    });
    await erase.click();
    await dialog(page).getByText("Done", { exact: true }).waitFor();
    await dialog(page)
      .getByRole("button", { name: "Close" })
      .last()
      .click();
  });

  step("nothing is left of it but its ID and its history", async () => {
    const { page } = j;
    await page
      .getByRole("heading", { name: `Erased customer ${customer.customer_id}` })
      .waitFor();
    await page.getByText("The personal data was erased").waitFor();
    // It stays as it is: there is nothing to do with it any more.
    assert.equal(await button(page, "More").count(), 0);
    assert.equal(await page.getByRole("link", { name: "Edit" }).count(), 0);
    await page.goto(`/contacts/${contact.id}`);
    await page.getByText("The personal data was erased").waitFor();
    assert.equal(await button(page, "Erase personal data").count(), 0);
    await page.goto(`/customers/${customer.id}/audit`);
    await page.getByText("Personal data erased").first().waitFor();
    await page.getByText("Its personal values were erased").first().waitFor();
    for (const word of ["Vanishing", "Trondheim", "Vera"])
      assert.equal(await page.getByText(word).count(), 0, word);
  });
});
