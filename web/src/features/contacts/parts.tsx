import { IconBan, IconCircleCheck, IconCircleDashed, IconUserOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '@/api/types';
import { Tag } from '@/ui/badges';

/** Whether an address was verified, as text and icon; nothing where there is no address. */
export function Verified({ is, address, plain }: { is: boolean; address: string; plain?: boolean }) {
  const { t } = useTranslation();
  if (!address) return null;
  return is ? (
    <Tag tone="ok" icon={IconCircleCheck} plain={plain} label={t('contact.verified')} />
  ) : (
    <Tag tone="mute" icon={IconCircleDashed} plain={plain} label={t('contact.notVerified')} />
  );
}

export function RoleTag({ role, plain }: { role: string; plain?: boolean }) {
  const { t } = useTranslation();
  return <Tag tone="mute" plain={plain} label={t(`choice.role.${role}`, { defaultValue: role })} />;
}

/** What keeps a contact from being changed. */
export function StateTags({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  return (
    <>
      {contact.removed_at && <Tag tone="bad" icon={IconUserOff} label={t('contact.removedTag')} />}
      {contact.customer_closed && <Tag tone="bad" icon={IconBan} label={t('contact.closedTag')} />}
    </>
  );
}

export const isFixed = (contact: Contact) => contact.customer_closed || !!contact.removed_at;
