// What somebody may have to do before anything else is open to them, and where they do it.

const pages: Record<string, string> = {
  change_password: '/change-password',
  set_second_factor: '/set-second-factor',
};

export const mustPage = (must: string | undefined): string | undefined =>
  must !== undefined && Object.hasOwn(pages, must) ? pages[must] : undefined;
