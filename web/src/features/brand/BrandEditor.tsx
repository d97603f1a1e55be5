import { Alert, Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { CommentBox } from '@/form/CommentBox';
import { StaleDialog } from '@/form/StaleDialog';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { focusFirstError, useRecordForm, type Values } from '@/form/useRecordForm';
import { ownColor } from '@/theme/brand';
import type { Brand } from '@/theme/look';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';
import { brandQuery, colorsQuery, type BrandRecord } from './data';
import { LogoInput } from './LogoInput';
import { PortalPreview } from './PortalPreview';
import classes from './brand.module.css';

const texts = ['name', 'color', 'domain'] as const;
const help = ['support_email', 'support_phone', 'website', 'imprint_url', 'privacy_url'] as const;
const names = [...texts, ...help];

const toValues = (brand: BrandRecord): Values => Object.fromEntries(names.map((n) => [n, brand[n]]));

/** The brand of the operator, or of one reseller: a form beside what comes of it. */
export function BrandEditor({ of, closed }: { of: string; closed?: boolean }) {
  const brand = useQuery(brandQuery(of));
  if (brand.error && !brand.data) {
    return <LoadError error={brand.error} onRetry={() => void brand.refetch()} />;
  }
  if (!brand.data?.shown) return <FormSkeleton />;
  return <BrandForm of={of} brand={brand.data} shown={brand.data.shown} closed={closed} />;
}

interface Props {
  of: string;
  brand: BrandRecord;
  shown: Brand;
  closed?: boolean;
}

function BrandForm({ of, brand, shown, closed }: Props) {
  const { t } = useTranslation();
  const mayWrite = usePermission('brand.write') && !closed;
  const form = useRecordForm(toValues(brand));
  const [version, setVersion] = useState(brand.version);
  const [comment, setComment] = useState('');
  const [stale, setStale] = useState<BrandRecord | null>(null);
  const keep = (saved: BrandRecord) => {
    queryClient.setQueryData(brandQuery(of).queryKey, saved);
    setVersion(saved.version);
  };
  const save = useMutation({
    mutationFn: (v: { body: Values; version: number }) =>
      api.patch<BrandRecord>(`/brands/${of}`, v.body, { version: v.version, comment }),
    onSuccess: (saved) => {
      keep(saved);
      setStale(null);
      setComment('');
      form.reset(toValues(saved));
      notifications.show({ message: t('brand.saved') });
    },
    onError: (error) => {
      if (isApiError(error) && error.status === 412 && error.current) setStale(error.current as BrandRecord);
      else if (form.take(error)) focusFirstError();
    },
  });
  const value = (name: string) => String(form.values[name] ?? '');
  const label = (name: string) => t(`brand.field.${name}`);
  const isStale = isApiError(save.error) && save.error.status === 412;
  const wanted = value('color').trim() || shownWithout(brand, shown, 'color');
  const [color] = useDebouncedValue(wanted, 200);
  const colors = useQuery(colorsQuery(color)).data;
  const look: Brand = {
    ...shown,
    name: value('name').trim() || shownWithout(brand, shown, 'name'),
    color: colors ? color : shown.color,
    colors: colors ?? shown.colors,
  };
  const input = (name: (typeof names)[number], more?: object) => (
    <TextInput
      key={name}
      name={name}
      label={label(name)}
      value={value(name)}
      placeholder={brand[name] ? undefined : inherited(shown, name)}
      onChange={(e) => form.set(name, e.currentTarget.value)}
      error={form.errors[name]}
      disabled={!mayWrite}
      {...more}
    />
  );
  return (
    <div className={classes.columns}>
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          const body = Object.fromEntries(form.changed.map((n) => [n, value(n).trim()]));
          if (form.dirty) save.mutate({ body, version });
        }}
      >
        <Stack gap="md">
          {!isStale && <ProblemAlert error={save.error} shown={names} />}
          <Section title={t('brand.identity')} text={of === 'operator' ? undefined : t('brand.inherits')}>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
              {input('name')}
              {input('color', {
                leftSection: (
                  <input
                    type="color"
                    className={classes.picker}
                    aria-label={t('brand.pick')}
                    value={longColor(wanted)}
                    disabled={!mayWrite}
                    onChange={(e) => form.set('color', e.currentTarget.value)}
                  />
                ),
                description: form.values.color && look.colors.adjusted ? t('brand.adjusted') : undefined,
              })}
              {input('domain', { description: t('brand.domainHint') })}
            </SimpleGrid>
            {brand.address && (
              <Text c="dimmed" mt="sm">
                {t('brand.address')} <span className="mono">{`${brand.address}/portal`}</span>
              </Text>
            )}
          </Section>
          <Section title={t('brand.logos')} text={t('brand.logosText')}>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
              <LogoInput of={of} scheme="light" brand={brand} disabled={!mayWrite} onSaved={keep} />
              <LogoInput of={of} scheme="dark" brand={brand} disabled={!mayWrite} onSaved={keep} />
            </SimpleGrid>
          </Section>
          <Section title={t('brand.help')} text={t('brand.helpText')}>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
              {help.map((name) => input(name))}
            </SimpleGrid>
          </Section>
          {closed && <Alert color="yellow">{t('brand.closed')}</Alert>}
          {mayWrite && form.dirty && <CommentBox value={comment} onChange={setComment} />}
          {mayWrite && (
            <Group justify="flex-end">
              <Text c="dimmed" role="status">
                {form.dirty ? t('form.unsaved') : ''}
              </Text>
              <Button type="submit" disabled={!form.dirty} loading={save.isPending}>
                {t('action.save')}
              </Button>
            </Group>
          )}
        </Stack>
        <UnsavedGuard dirty={form.dirty} />
      </form>
      <div className={classes.previews}>
        <PortalPreview look={look} scheme="light" />
        <PortalPreview look={look} scheme="dark" />
      </div>
      {stale && (
        <StaleDialog
          base={form.base}
          mine={form.values}
          theirs={toValues(stale)}
          label={label}
          show={(_, v) => String(v ?? '')}
          pending={save.isPending}
          onClose={() => setStale(null)}
          onResolve={(values) => {
            form.reset(values, toValues(stale));
            setVersion(stale.version);
            save.mutate({ body: values, version: stale.version });
          }}
        />
      )}
    </div>
  );
}

/** What stands there when the own text is taken away; the own one while nobody knows better. */
function shownWithout(brand: BrandRecord, shown: Brand, name: 'name' | 'color'): string {
  if (!brand[name]) return shown[name];
  return name === 'color' ? ownColor : shown.name;
}

/** What is taken over from above, where it is shown to customers. */
function inherited(shown: Brand, name: (typeof names)[number]): string | undefined {
  return name === 'domain' ? undefined : shown[name] || undefined;
}

/** The browser's own picker knows the long form alone. */
function longColor(color: string): string {
  if (/^#[0-9a-f]{6}$/i.test(color)) return color;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  return short
    ? `#${short
        .slice(1)
        .map((c) => c + c)
        .join('')}`
    : ownColor;
}
