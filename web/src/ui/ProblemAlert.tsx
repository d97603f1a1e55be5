import { Alert, Anchor, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { isApiError, type Blocker } from '@/api/client';
import { sentence } from '@/sentences';

/** The sentence shown to people for any error. */
export function problemText(error: unknown, t: TFunction): string {
  if (!isApiError(error)) return t('problem.unexpected');
  if (error.status === 0) return t('problem.network');
  const known = t(`problem.code.${error.code}`, { defaultValue: '' });
  if (known) return known;
  const said = sentence(error.code, error.detail);
  if (said) return said;
  if (error.title) return error.title;
  return t('problem.status', { status: error.status });
}

/** Where a thing named by the API has its page; undefined when it has none. */
export function addressOf(blocker: Blocker): string | undefined {
  if (['customer', 'provider', 'reseller'].includes(blocker.type)) return `/customers/${blocker.id}`;
  if (blocker.type === 'group') return `/groups/${blocker.id}`;
  if (blocker.type === 'job') return `/jobs/${blocker.id}`;
  return undefined;
}

interface Props {
  error: unknown;
  /** Names of fields that the form does not show itself, to be listed here. */
  labels?: Record<string, string>;
  /** Fields whose message stands at the field already. */
  shown?: string[];
  title?: string;
}

/** Any failed request, in words, with wrong fields and with what blocks it. */
export function ProblemAlert({ error, labels = {}, shown = [], title }: Props) {
  const { t } = useTranslation();
  if (!error) return null;
  const fields = isApiError(error) ? error.fields.filter((f) => !shown.includes(f.field)) : [];
  // A duplicate is named at its field; here it would be said twice.
  const atField =
    isApiError(error) && error.status === 422 && error.fields.some((f) => shown.includes(f.field));
  const blockers = isApiError(error) && !atField ? error.blockedBy : [];
  const bare = !title && fields.length === 0 && blockers.length === 0;
  return (
    <Alert
      role="alert"
      variant="default"
      icon={<IconAlertTriangle size={18} />}
      title={title ?? problemText(error, t)}
      styles={{
        root: { background: 'var(--td-bad-bg)', borderColor: 'var(--td-bad-line)' },
        title: { color: 'var(--td-bad-fg)', fontWeight: 600 },
        icon: { color: 'var(--td-bad-fg)', marginInlineEnd: 10 },
      }}
    >
      {bare ? null : (
        <>
          {title && <Text>{problemText(error, t)}</Text>}
          {fields.length > 0 && (
            <List size="sm">
              {fields.map((f) => (
                <List.Item key={`${f.field}/${f.code}`}>
                  {labels[f.field] ?? f.field}: {f.message}
                </List.Item>
              ))}
            </List>
          )}
          {blockers.length > 0 && (
            <List size="sm" spacing={6}>
              {blockers.map((b) => (
                <List.Item key={b.id}>
                  <BlockerLink blocker={b} />
                </List.Item>
              ))}
            </List>
          )}
        </>
      )}
    </Alert>
  );
}

function BlockerLink({ blocker }: { blocker: Blocker }) {
  const to = addressOf(blocker);
  if (!to) return <>{blocker.name}</>;
  return (
    <Anchor component={Link} to={to} underline="always" c="inherit" py={3} display="inline-block">
      {blocker.name}
    </Anchor>
  );
}
