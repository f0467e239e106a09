export interface Toast {
  id: number;
  kind: 'note' | 'problem';
  text: string;
  remedy: string;
}

/** Short words to the person. Notes go by themselves; problems stay until they are put away. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  private next_ = 1;

  say(kind: Toast['kind'], text: string, remedy = ''): void {
    const same = this.list.find((toast) => toast.text === text && toast.kind === kind);
    if (same) return;
    const toast: Toast = { id: this.next_++, kind, text, remedy };
    this.list = [...this.list.slice(-4), toast];
    if (kind === 'note') setTimeout(() => this.dismiss(toast.id), 5000);
  }
  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
