import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { settingsQuery } from '@/api/settings';
import { usePermission } from '@/app/session';

/** Whether the operator asks for a comment with each change. */
export function useMustComment(): boolean {
  const mayRead = usePermission('setting.read');
  const settings = useQuery({ ...settingsQuery, enabled: mayRead });
  return settings.data !== undefined && settings.data.require_comment !== 'never';
}

interface Props {
  value: string;
  onChange: (value: string) => void;
}

/** Why something is changed: kept in the audit log beside the change. */
export function CommentBox({ value, onChange }: Props) {
  const { t } = useTranslation();
  const must = useMustComment();
  return (
    <TextInput
      label={t('form.comment')}
      description={t(must ? 'form.commentMust' : 'form.commentHint')}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
      maxLength={1000}
      withAsterisk={must}
      aria-required={must || undefined}
    />
  );
}
