import { lazy, Suspense, type ComponentType } from 'react';
import type { Customer } from '@/api/types';
import { useCan } from '@/app/session';
import { customerPanels, type CustomerPanel } from '@/app/wings';
import { RowsSkeleton } from '@/ui/FormSkeleton';
import classes from './CustomerPage.module.css';

type View = ComponentType<{ customer: Customer }>;
const views = new Map<string, View>(customerPanels.map((p) => [p.id, lazy(p.load)]));

/** The customer at a glance: whatever the wings put here. */
export default function MainTab({ customer }: { customer: Customer }) {
  const can = useCan();
  const shown = customerPanels.filter((p) => can(p.permission));
  return (
    <Suspense fallback={<RowsSkeleton />}>
      <div className={classes.columns}>
        <Column panels={shown.filter((p) => p.slot === 'wide')} customer={customer} />
        <Column panels={shown.filter((p) => p.slot === 'side')} customer={customer} />
      </div>
    </Suspense>
  );
}

function Column({ panels, customer }: { panels: CustomerPanel[]; customer: Customer }) {
  return (
    <div className={classes.column}>
      {panels.map((panel) => {
        const View = views.get(panel.id)!;
        return <View key={panel.id} customer={customer} />;
      })}
    </div>
  );
}
