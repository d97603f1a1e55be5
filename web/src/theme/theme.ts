import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

// The one place of colours, type and measures. Everything else uses either
// Mantine's own variables or the --td-* tokens below.

const spruce: MantineColorsTuple = [
  '#e8f5f3',
  '#d0eae6',
  '#9fd6ce',
  '#6dc3b8',
  '#3faa9e',
  '#228f84',
  '#12766d',
  '#0b5f59',
  '#094c48',
  '#063936',
];

const dark: MantineColorsTuple = [
  '#e7e9eb',
  '#c5cacf',
  '#a0a7ae',
  '#7b838b',
  '#353a40',
  '#2a2e33',
  '#1d2024',
  '#131517',
  '#0f1113',
  '#0a0b0d',
];

// Filled danger buttons: white on shade 7 passes AA in both schemes.
const danger: MantineColorsTuple = [
  '#fdeae8',
  '#f9cfca',
  '#f3a79e',
  '#ec7a6e',
  '#e25a4c',
  '#d3402f',
  '#bd2f1f',
  '#a82617',
  '#8a1f13',
  '#6d190f',
];

export const theme = createTheme({
  primaryColor: 'spruce',
  primaryShade: { light: 7, dark: 6 },
  colors: { spruce, danger, dark },
  white: '#ffffff',
  black: '#1a1d1f',
  autoContrast: true,
  fontFamily:
    "'Inter Variable', 'Inter Fallback', system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.5' },
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.3' },
      h2: { fontSize: '1rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
      h4: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '20px' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  shadows: {
    xs: '0 1px 2px rgb(15 20 22 / 6%)',
    sm: '0 1px 3px rgb(15 20 22 / 8%)',
    md: '0 6px 20px rgb(15 20 22 / 12%)',
    lg: '0 12px 32px rgb(15 20 22 / 16%)',
    xl: '0 20px 48px rgb(15 20 22 / 20%)',
  },
  focusRing: 'always',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 32 } },
    Input: { defaultProps: { size: 'sm' } },
    InputWrapper: {
      defaultProps: { size: 'sm', inputWrapperOrder: ['label', 'input', 'error', 'description'] },
    },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    MultiSelect: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    Textarea: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    Checkbox: { defaultProps: { size: 'sm' } },
    Switch: { defaultProps: { size: 'sm', withThumbIndicator: false } },
    SegmentedControl: { defaultProps: { size: 'sm' } },
    Text: { defaultProps: { size: 'sm' } },
    Anchor: { defaultProps: { size: 'sm' } },
    Alert: {
      // What stays on a page is calm, and told by its line and sign.
      vars: (_: unknown, props: { color?: string }) => {
        const tone = { yellow: 'warn', green: 'ok' }[props.color ?? ''];
        if (!tone) return { root: {} };
        return {
          root: {
            '--alert-bg': `var(--td-${tone}-bg)`,
            '--alert-color': `var(--td-${tone}-fg)`,
            '--alert-bd': `1px solid var(--td-${tone}-line)`,
          },
        };
      },
    },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 12, fz: 'sm' } },
    Tooltip: { defaultProps: { withArrow: false, openDelay: 350, fz: 'xs', multiline: true, maw: 280 } },
    ModalRoot: {
      defaultProps: {
        removeScrollProps: { removeScrollBar: false },
        transitionProps: { duration: 120 },
        radius: 'lg',
        yOffset: '8vh',
      },
    },
    ModalOverlay: { defaultProps: { backgroundOpacity: 0.38 } },
    Modal: {
      styles: {
        title: { fontWeight: 620, fontSize: '1rem' },
        content: { background: 'var(--td-surface)', border: '1px solid var(--td-border)' },
        header: { background: 'var(--td-surface)' },
      },
      defaultProps: {
        // The scroll bar stays; only scrolling behind the dialog stops.
        removeScrollProps: { removeScrollBar: false },
        // A dialog's head is no banner of the page.
        attributes: { header: { role: 'presentation' } },
        radius: 'lg',
        centered: false,
        yOffset: '8vh',
        overlayProps: { backgroundOpacity: 0.38 },
        transitionProps: { duration: 120 },
      },
    },
    Drawer: {
      defaultProps: {
        removeScrollProps: { removeScrollBar: false },
        attributes: { header: { role: 'presentation' } },
        overlayProps: { backgroundOpacity: 0.38 },
        transitionProps: { duration: 140 },
      },
    },
    Menu: { defaultProps: { shadow: 'md', radius: 'md', transitionProps: { duration: 80 } } },
    Popover: { defaultProps: { shadow: 'md', radius: 'md', transitionProps: { duration: 80 } } },
    Paper: { defaultProps: { radius: 'md' } },
    Skeleton: { defaultProps: { radius: 'sm' } },
    Badge: { defaultProps: { tt: 'none', fw: 550, radius: 'sm' } },
  },
});

/**
 * Own tokens:
 *  --td-nav       back of the navigation      --td-surface  cards, tables, menus
 *  --td-sunken    table heads, quiet wells    --td-hover    hovered row or item
 *  --td-border    hairlines                   --td-border-strong  inputs (3:1)
 *  --td-muted     secondary text (AA)         --td-selected chosen row, active item
 *  --td-<tone>-bg / -fg / -line   ok, warn, bad, info, mute: badges and alerts
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--td-header-height': '52px',
    '--td-row-height': '34px',
    '--td-content-max': '1180px',
  },
  light: {
    '--mantine-color-body': '#fbfbfa',
    '--mantine-color-text': '#1a1d1f',
    '--mantine-color-dimmed': '#5b6166',
    '--mantine-color-placeholder': '#6a7075',
    '--mantine-color-default-border': '#d6d7d3',
    '--mantine-color-error': '#b42318',
    '--mantine-color-default-hover': '#f3f3f1',
    '--td-surface': '#ffffff',
    '--td-nav': '#f4f4f2',
    '--td-sunken': '#f6f6f4',
    '--td-hover': '#f2f2ef',
    '--td-selected': '#e3f1ef',
    '--td-border': '#e5e5e1',
    '--td-border-strong': '#8a9095',
    '--td-muted': '#5b6166',
    '--td-accent': '#0b5f59',
    '--td-on-fill': '#ffffff',
    '--td-ok-bg': '#e6f4ea',
    '--td-ok-fg': '#17663a',
    '--td-ok-line': '#b7dcc4',
    '--td-warn-bg': '#fdf1d8',
    '--td-warn-fg': '#7d4a00',
    '--td-warn-line': '#ecd29a',
    '--td-bad-bg': '#fdeae8',
    '--td-bad-fg': '#a3200f',
    '--td-bad-line': '#f3c1ba',
    '--td-info-bg': '#e7effb',
    '--td-info-fg': '#1d4f91',
    '--td-info-line': '#bcd2f0',
    '--td-mute-bg': '#eeeeeb',
    '--td-mute-fg': '#4d5358',
    '--td-mute-line': '#d9d9d4',
  },
  dark: {
    '--mantine-color-body': '#131517',
    '--mantine-color-text': '#e7e9eb',
    '--mantine-color-dimmed': '#a0a7ae',
    '--mantine-color-placeholder': '#8e969e',
    '--mantine-color-default-border': '#3a4046',
    '--mantine-color-error': '#ff9a8f',
    '--mantine-color-anchor': '#6dc3b8',
    '--td-surface': '#191c1f',
    '--td-nav': '#101214',
    '--td-sunken': '#1e2125',
    '--td-hover': '#22262a',
    '--td-selected': '#17332f',
    '--td-border': '#2a2e33',
    '--td-border-strong': '#737b83',
    '--td-muted': '#a0a7ae',
    '--td-accent': '#6dc3b8',
    '--td-on-fill': '#ffffff',
    '--td-ok-bg': '#142a1d',
    '--td-ok-fg': '#86d6a4',
    '--td-ok-line': '#26523a',
    '--td-warn-bg': '#2f2511',
    '--td-warn-fg': '#efc46b',
    '--td-warn-line': '#5b4720',
    '--td-bad-bg': '#361916',
    '--td-bad-fg': '#ffa79d',
    '--td-bad-line': '#6a302a',
    '--td-info-bg': '#152538',
    '--td-info-fg': '#9cc4f5',
    '--td-info-line': '#2b4a6e',
    '--td-mute-bg': '#26292d',
    '--td-mute-fg': '#bac0c6',
    '--td-mute-line': '#3a3f45',
  },
});
