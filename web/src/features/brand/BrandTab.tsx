import type { Customer } from '@/api/types';
import { BrandEditor } from './BrandEditor';

/** A reseller's own brand. */
export default function BrandTab({ customer }: { customer: Customer }) {
  return <BrandEditor key={customer.id} of={customer.id} closed={customer.status === 'closed'} />;
}
