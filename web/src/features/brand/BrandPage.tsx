import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { PageHeader } from '@/ui/PageHeader';
import { SignUpCard } from '@/features/signup/SignUpCard';
import { BrandEditor } from './BrandEditor';
import { brandQuery } from './data';

/** /settings/branding: the operator's own. */
export default function BrandPage() {
  const { t } = useTranslation();
  const brand = useQuery(brandQuery('operator'));
  return (
    <>
      <PageHeader
        title={t('brand.title')}
        text={t('brand.text')}
        actions={brand.data?.id && <HistoryLink table="brands" id={brand.data.id} name={t('brand.title')} />}
      />
      <Stack gap="md">
        <BrandEditor of="operator" />
        <SignUpCard of="operator" />
      </Stack>
    </>
  );
}
