import { API, ApiError, newKey } from '@/api/client';
import type { Import } from './types';

/** Sends a file with progress (0 to 1), which fetch cannot tell. */
export function uploadImport(
  file: File,
  target: string,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Import> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append('target', target);
    form.append('file', file, file.name);
    const xhr = new XMLHttpRequest();
    xhr.open('POST', `${API}/imports`);
    xhr.setRequestHeader('Accept', 'application/json');
    xhr.setRequestHeader('Idempotency-Key', newKey());
    xhr.upload.onprogress = (e) => {
      if (e.lengthComputable) onProgress(e.loaded / e.total);
    };
    xhr.onerror = () => reject(new ApiError(0, { code: 'network' }));
    xhr.onabort = () => reject(new DOMException('Aborted', 'AbortError'));
    xhr.onload = () => {
      let body: Record<string, unknown> = {};
      try {
        body = JSON.parse(xhr.responseText) as Record<string, unknown>;
      } catch {
        // A proxy's page, say: the status has to be enough.
      }
      if (xhr.status >= 200 && xhr.status < 300) resolve(body as Import);
      else reject(new ApiError(xhr.status, body));
    };
    signal.addEventListener('abort', () => xhr.abort());
    xhr.send(form);
  });
}
