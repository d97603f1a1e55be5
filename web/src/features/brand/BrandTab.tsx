import { Stack } from '@mantine/core';
import type { Customer } from '@/api/types';
import { SignUpCard } from '@/features/signup/SignUpCard';
import { BrandEditor } from './BrandEditor';

/** A reseller's own brand. */
export default function BrandTab({ customer }: { customer: Customer }) {
  const closed = customer.status === 'closed';
  return (
    <Stack key={customer.id} gap="md">
      <BrandEditor of={customer.id} closed={closed} />
      <SignUpCard of={customer.id} closed={closed} />
    </Stack>
  );
}
