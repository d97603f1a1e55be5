import { Kbd, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/app/session';
import { navItems } from '@/app/wings';
import classes from './Shortcuts.module.css';

interface Line {
  keys: string[];
  label: string;
}

const general: Line[] = [
  { keys: ['Ctrl', 'K'], label: 'keys.palette' },
  { keys: ['?'], label: 'keys.help' },
  { keys: ['Esc'], label: 'keys.close' },
];
const forms: Line[] = [
  { keys: ['Ctrl', 'S'], label: 'keys.save' },
  { keys: ['Ctrl', 'Enter'], label: 'keys.saveStay' },
];
const grid: Line[] = [
  { keys: ['↑', '↓', '←', '→'], label: 'keys.cell' },
  { keys: ['Shift', '→'], label: 'keys.range' },
  { keys: ['Ctrl', 'A'], label: 'keys.all' },
  { keys: ['Ctrl', 'C'], label: 'keys.copy' },
  { keys: ['Ctrl', 'S'], label: 'keys.saveCsv' },
  { keys: ['Ctrl', 'Shift', 'S'], label: 'keys.saveXlsx' },
  { keys: ['Enter'], label: 'keys.open' },
];

export default function Shortcuts({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const pages = navItems
    .filter((n) => n.key && can(n.permission, n.whole))
    .map<Line>((n) => ({ keys: ['g', n.key!], label: n.label }));
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('keys.title')}
      size={720}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={classes.grid}>
        <Section title={t('keys.general')} lines={general} />
        <Section title={t('keys.goTo')} lines={pages} />
        <Section title={t('keys.grid')} lines={grid} />
        <Section title={t('keys.forms')} lines={forms} />
      </div>
    </Modal>
  );
}

function Section({ title, lines }: { title: string; lines: Line[] }) {
  const { t } = useTranslation();
  return (
    <section>
      <h3 className={classes.title}>{title}</h3>
      <dl className={classes.list}>
        {lines.map((line) => (
          <div key={line.label} className={classes.line}>
            <dt>{t(line.label)}</dt>
            <dd>
              {line.keys.map((k) => (
                <Kbd key={k} size="xs">
                  {k}
                </Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
