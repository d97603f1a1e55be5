import { Button, FileButton, Group, Text } from '@mantine/core';
import { IconPhoto, IconTrash, IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';
import type { BrandRecord } from './data';
import classes from './brand.module.css';

interface Props {
  of: string;
  scheme: 'light' | 'dark';
  brand: BrandRecord;
  disabled: boolean;
  onSaved: (saved: BrandRecord) => void;
}

/** One logo: kept as soon as it is chosen. */
export function LogoInput({ of, scheme, brand, disabled, onSaved }: Props) {
  const { t } = useTranslation();
  const logo = brand[`logo_${scheme}`];
  const path = `/brands/${of}/logos/${scheme}`;
  const save = useMutation({
    mutationFn: (file: File | null) => {
      if (!file) return api.delete<BrandRecord>(path, { version: brand.version });
      const form = new FormData();
      form.set('file', file);
      return api.put<BrandRecord>(path, form, { version: brand.version });
    },
    onSuccess: onSaved,
    // Somebody else saved: their logo is shown, and the person decides again.
    onError: (error) => {
      if (isApiError(error) && error.status === 412 && error.current) {
        onSaved({ ...(error.current as BrandRecord), shown: brand.shown, address: brand.address });
      }
    },
  });
  const wrong = isApiError(save.error)
    ? save.error.fields.find((f) => f.field === 'file')?.message
    : undefined;
  const name = t(`brand.logo.${scheme}`);
  return (
    <div role="group" aria-label={name}>
      <Text fw={500} mb={4}>
        {name}
      </Text>
      <div className={classes.plate} data-scheme={scheme}>
        {logo ? (
          <img src={logo.url} alt={name} className={classes.logo} />
        ) : (
          <IconPhoto size={28} stroke={1.4} aria-hidden />
        )}
      </div>
      {wrong ? (
        <Text c="red" role="alert" mt={4}>
          {wrong}
        </Text>
      ) : (
        <ProblemAlert error={save.error} />
      )}
      {!disabled && (
        <Group gap="xs" mt="xs">
          <FileButton
            accept="image/png,image/jpeg,image/webp"
            onChange={(file) => file && save.mutate(file)}
            inputProps={{ 'aria-label': t('brand.upload', { name }) }}
          >
            {(props) => (
              <Button
                {...props}
                variant="default"
                size="xs"
                leftSection={<IconUpload size={14} />}
                loading={save.isPending}
              >
                {t('brand.choose')}
              </Button>
            )}
          </FileButton>
          {logo && (
            <Button
              variant="subtle"
              color="gray"
              size="xs"
              leftSection={<IconTrash size={14} />}
              onClick={() => save.mutate(null)}
              aria-label={t('brand.removeLogo', { name })}
            >
              {t('brand.remove')}
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}
