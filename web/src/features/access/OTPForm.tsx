import { Button, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '@/ui/ProblemAlert';

interface Props {
  error: unknown;
  pending: boolean;
  onCode: (code: string) => void;
  onCancel: () => void;
}

/** Asks for the code of the authenticator app, after the password was right. */
export function OTPForm({ error, pending, onCode, onCancel }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        onCode(code.trim());
        setCode('');
      }}
    >
      <Stack gap="sm">
        <ProblemAlert error={error} />
        <TextInput
          label={t('account.code')}
          description={t('account.codeHint')}
          autoComplete="one-time-code"
          autoFocus
          required
          withAsterisk={false}
          value={code}
          onChange={(e) => setCode(e.currentTarget.value)}
        />
        <Button type="submit" mt="xs" fullWidth loading={pending}>
          {t('signIn.submit')}
        </Button>
        <Button fullWidth variant="default" onClick={onCancel}>
          {t('action.cancel')}
        </Button>
      </Stack>
    </form>
  );
}
