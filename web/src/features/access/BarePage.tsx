import { Paper, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { hostBrand, useBrand } from '@/theme/look';
import { BrandFooter, BrandMark } from '@/ui/BrandMark';
import classes from './BarePage.module.css';

/** The frame of the pages before sign-in. */
export function BarePage({
  title,
  text,
  children,
}: {
  title: string;
  text?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const brand = hostBrand();
  useBrand(brand);
  useDocumentTitle(`${title} · ${brand?.name || t('app.name')}`);
  return (
    <main className={classes.root}>
      <div className={classes.column}>
        <BrandMark brand={brand} large />
        <Paper withBorder p="lg" mt="lg" className={classes.card}>
          <Title order={1}>{title}</Title>
          {text && (
            <Text c="dimmed" mt={4}>
              {text}
            </Text>
          )}
          <div className={classes.body}>{children}</div>
        </Paper>
        <BrandFooter brand={brand} />
      </div>
    </main>
  );
}
