import { Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { AccountSections } from '@/features/access/AccountSections';
import { CodeText } from '@/form/codes';
import { languages, setLanguage } from '@/i18n';
import { Masked } from '@/ui/Masked';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { Facts, Section } from '@/ui/Section';
import { Heading } from './Heading';
import { PortalForm, type FormField } from './PortalForm';
import { Verification } from './Verification';
import { profileQuery, refresh, usePortalCan, usePortalSession, type PortalContact } from './session';

/** /portal/profile: who one is, and how one signs in. */
export default function ProfilePage() {
  const { t } = useTranslation();
  const can = usePortalCan();
  const session = usePortalSession();
  const profile = useQuery(profileQuery);
  return (
    <Stack gap="lg">
      <Heading title={t('portal.profile')} text={t('portal.profileText')} />
      {profile.error && !profile.data ? (
        <LoadError error={profile.error} onRetry={() => void profile.refetch()} />
      ) : !profile.data ? (
        <FormSkeleton rows={3} />
      ) : (
        <>
          <Section title={t('portal.you')}>
            {can('portal.profile') ? <Edit me={profile.data} /> : <Read me={profile.data} />}
          </Section>
          <Verification />
          {can('portal.profile') && !session?.impersonation && <AccountSections />}
        </>
      )}
    </Stack>
  );
}

function Edit({ me }: { me: PortalContact }) {
  const { t } = useTranslation();
  const fields: FormField[] = [
    { name: 'name', kind: 'text', required: true, autoComplete: 'name' },
    { name: 'language', kind: 'language', description: t('portal.languageHint') },
    { name: 'phone', kind: 'tel', description: t('portal.phoneHint'), autoComplete: 'tel' },
    { name: 'mobile', kind: 'tel', description: t('portal.phoneHint'), autoComplete: 'tel' },
  ];
  return (
    <Stack gap="md">
      <Facts
        items={[
          { label: t('field.email'), value: me.email },
          { label: t('field.role'), value: t(`choice.role.${me.role}`, { defaultValue: me.role }) },
        ]}
      />
      <PortalForm
        fields={fields}
        path="/portal/profile"
        record={me}
        submit={t('action.save')}
        onSaved={async (saved) => {
          const known = languages.find((l) => l.code === saved.language)?.code;
          if (known) await setLanguage(known);
          notifications.show({ message: t('portal.saved') });
          await refresh();
        }}
      />
    </Stack>
  );
}

function Read({ me }: { me: PortalContact }) {
  const { t } = useTranslation();
  return (
    <Facts
      items={[
        { label: t('field.name'), value: me.name },
        { label: t('field.email'), value: me.email },
        { label: t('field.role'), value: t(`choice.role.${me.role}`, { defaultValue: me.role }) },
        { label: t('field.phone'), value: me.phone === null ? <Masked /> : me.phone || t('state.empty') },
        { label: t('field.mobile'), value: me.mobile === null ? <Masked /> : me.mobile || t('state.empty') },
        {
          label: t('field.language'),
          value: me.language ? <CodeText kind="language" code={me.language} /> : t('state.empty'),
        },
      ]}
    />
  );
}
