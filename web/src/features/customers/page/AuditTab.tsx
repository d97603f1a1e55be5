import type { Customer } from '@/api/types';
import { AuditTimeline } from '@/features/audit/AuditTimeline';

export default function AuditTab({ customer }: { customer: Customer }) {
  return <AuditTimeline table="customers" rowId={customer.id} />;
}
