import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useCan } from '@/app/session';
import { navItems } from '@/app/wings';

/** Whether the person is writing, so that letters are letters. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

const patience = 1200;

/** g, then the letter of a page, goes there. */
export function useGoKeys(): void {
  const navigate = useNavigate();
  const can = useCan();
  const pressed = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]')) return;
      if (event.key === 'g') {
        pressed.current = event.timeStamp;
        return;
      }
      if (pressed.current === 0 || event.timeStamp - pressed.current > patience) return;
      pressed.current = 0;
      const item = navItems.find((n) => n.key === event.key && can(n.permission, n.whole));
      if (!item) return;
      event.preventDefault();
      void navigate({ to: item.to });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, can]);
}
