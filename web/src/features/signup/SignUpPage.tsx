import { Anchor, Button, Checkbox, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { BarePage } from '@/features/access/BarePage';
import { focusFirstError, useRecordForm } from '@/form/useRecordForm';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { offerQuery, type SignUpOffer } from './data';

/** /portal/sign-up: somebody who is no customer yet asks for an account. */
export default function SignUpPage() {
  const { t } = useTranslation();
  const offer = useQuery(offerQuery);
  const back = <ToSignIn />;
  if (offer.error && !offer.data) {
    return (
      <BarePage title={t('signUp.title')}>
        <LoadError error={offer.error} onRetry={() => void offer.refetch()} />
      </BarePage>
    );
  }
  if (!offer.data) {
    return (
      <BarePage title={t('signUp.title')}>
        <FormSkeleton rows={2} />
      </BarePage>
    );
  }
  if (!offer.data.open) {
    return (
      <BarePage title={t('signUp.title')} text={t('signUp.closed')}>
        {back}
      </BarePage>
    );
  }
  return <SignUpForm offer={offer.data} />;
}

export function ToSignIn({ filled }: { filled?: boolean }) {
  const { t } = useTranslation();
  return (
    <Button component={Link} to="/portal/sign-in" fullWidth variant={filled ? 'filled' : 'default'}>
      {t('signIn.submit')}
    </Button>
  );
}

const names = ['name', 'company', 'email', 'telephone', 'password', 'accepts_terms'];

function SignUpForm({ offer }: { offer: SignUpOffer }) {
  const { t, i18n } = useTranslation();
  const form = useRecordForm({
    name: '',
    company: '',
    email: '',
    telephone: '',
    password: '',
    again: '',
    accepts_terms: false,
  });
  const value = (name: string) => String(form.values[name] ?? '');
  const differs = value('again') !== '' && value('again') !== value('password');
  const ask = useMutation({
    mutationFn: () =>
      api.post('/sign-ups', {
        name: value('name').trim(),
        company: value('company').trim(),
        email: value('email').trim(),
        telephone: value('telephone').trim(),
        password: value('password'),
        language: i18n.language === 'pseudo' ? 'en' : i18n.language,
        accepts_terms: form.values.accepts_terms === true,
      }),
    onError: (error) => {
      if (form.take(error)) focusFirstError();
    },
  });
  if (ask.isSuccess) {
    return (
      <BarePage title={t('signUp.sentTitle')} text={t('signUp.sentText', { email: value('email').trim() })}>
        <Stack gap="sm">
          <Text c="dimmed">{t('signUp.sentHint')}</Text>
          <ToSignIn />
        </Stack>
      </BarePage>
    );
  }
  const input = (name: string, autoComplete: string, more?: object) => (
    <TextInput
      name={name}
      label={t(`signUp.field.${name}`)}
      autoComplete={autoComplete}
      withAsterisk={false}
      value={value(name)}
      onChange={(e) => form.set(name, e.currentTarget.value)}
      error={form.errors[name]}
      {...more}
    />
  );
  return (
    <BarePage title={t('signUp.title')} text={t(offer.approval ? 'signUp.textApproval' : 'signUp.text')}>
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          if (value('password') === value('again')) ask.mutate();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={ask.error} shown={names} />
          {input('name', 'name', { autoFocus: true })}
          {input('company', 'organization')}
          {input('email', 'email', { type: 'email' })}
          {input('telephone', 'tel', { type: 'tel', description: t('signUp.telephoneHint') })}
          <PasswordInput
            name="password"
            label={t('signIn.password')}
            description={t('user.passwordHint')}
            autoComplete="new-password"
            value={value('password')}
            onChange={(e) => form.set('password', e.currentTarget.value)}
            error={form.errors.password}
          />
          <PasswordInput
            name="again"
            label={t('signUp.again')}
            autoComplete="new-password"
            value={value('again')}
            onChange={(e) => form.set('again', e.currentTarget.value)}
            error={differs ? t('user.passwordDiffers') : undefined}
          />
          {offer.terms_url && (
            <Checkbox
              label={
                <>
                  {t('signUp.accept')}{' '}
                  <Anchor href={offer.terms_url} target="_blank" rel="noopener noreferrer" underline="always">
                    {t('signUp.terms')}
                  </Anchor>
                </>
              }
              checked={form.values.accepts_terms === true}
              onChange={(e) => form.set('accepts_terms', e.currentTarget.checked)}
              error={form.errors.accepts_terms}
            />
          )}
          <Button
            type="submit"
            mt="xs"
            fullWidth
            loading={ask.isPending}
            disabled={value('password') !== value('again')}
          >
            {t('signUp.title')}
          </Button>
          <Text ta="center">
            {t('signUp.have')}{' '}
            <Anchor component={Link} to="/portal/sign-in">
              {t('signIn.submit')}
            </Anchor>
          </Text>
        </Stack>
      </form>
    </BarePage>
  );
}
