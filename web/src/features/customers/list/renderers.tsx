import { Link } from '@tanstack/react-router';
import { CodeText } from '@/form/codes';
import type { CellRenderers } from '@/grid';
import { BillingBadge, KindBadge, StatusBadge } from '@/ui/badges';
import type { CustomerRow } from './CustomersPage';
import classes from './list.module.css';

/** Cells that say more than text: state by icon and word, groups as tags, the reseller as a link. */
export const customerRenderers: CellRenderers<CustomerRow> = {
  customer_id: (c) => <span className="mono">{c.customer_id}</span>,
  kind: (c) => <KindBadge kind={c.kind} plain />,
  billing_type: (c) => <BillingBadge type={c.billing_type} plain />,
  status: (c) => <StatusBadge status={c.status} />,
  balance: (c, ctx) => (
    <span className="num">
      {ctx.text} <span className="muted">{c.currency}</span>
    </span>
  ),
  groups: (c) =>
    c.groups?.length ? (
      <span className={classes.groups} title={c.groups.map((g) => g.name).join(', ')}>
        {c.groups.map((g) => (
          <span key={g.id} className={classes.group}>
            {g.name}
          </span>
        ))}
      </span>
    ) : (
      ''
    ),
  reseller: (c) =>
    c.reseller ? (
      <Link
        to={`/customers/${c.reseller.id}` as never}
        tabIndex={-1}
        draggable={false}
        className={classes.link}
      >
        {c.reseller.name}
      </Link>
    ) : (
      ''
    ),
  country: (c) => <CodeText kind="country" code={c.country} />,
  language: (c) => <CodeText kind="language" code={c.language} />,
  timezone: (c) => <CodeText kind="timezone" code={c.timezone} />,
  telephone: (c) => <span className="num">{c.telephone}</span>,
};
